"""The window around the panels: menus, docks, dialogs, preferences, status bar, messages, the log."""
