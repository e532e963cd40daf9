"""The documentation site: pages written by hand, and the program that makes the rest from the code."""
