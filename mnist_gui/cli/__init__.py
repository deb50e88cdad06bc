"""The commands: everything that works without a window, a module a command. `main` alone opens a window."""
