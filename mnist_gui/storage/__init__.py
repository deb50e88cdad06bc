"""Everything on disk: files written whole or not at all, models, tags, the digits that a user drew, movies."""
