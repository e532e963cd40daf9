"""Layouts of capture files and packets. Hot loops read them with ``struct``; a test proves both equal."""
