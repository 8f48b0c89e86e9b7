"""Typed settings in one readable file."""
