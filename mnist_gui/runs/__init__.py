"""The runs of a session, and what tells them apart."""
