"""The runs of a session, and the settings in which they differ."""
