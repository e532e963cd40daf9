"""Bytes and text of evidence into the model."""
