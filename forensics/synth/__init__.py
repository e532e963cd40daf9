"""Builds valid app images of any size and chip, and damages them by name and seed.

Tests, samples and the demo are made of them.
"""
