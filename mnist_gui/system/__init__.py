"""The operating system: folders, files, locks, signals, exit status, streams, the log, texts that are safe to print."""
