"""The window: the only folder, with app.py, that knows Qt."""
