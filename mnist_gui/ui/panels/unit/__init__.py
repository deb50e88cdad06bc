"""Unit: all that is known of one hidden unit, and edits of its weights."""
