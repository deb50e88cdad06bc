"""The panels, a folder each: `view` draws, `presenter` decides what it shows."""
