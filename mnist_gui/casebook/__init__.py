"""The posted networks that did not learn, networks that a user describes, symptoms, and a fault to be guessed."""
