"""The command line: options in, exit status out. One file a command; no analysis."""
