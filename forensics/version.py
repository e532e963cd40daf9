"""The version, as a constant: reading the package metadata costs as much as the whole comparison."""

VERSION = "0.1.0"
"""Held equal to ``pyproject.toml`` by a test."""
