"""Conversations out of other programs' files, and out of our own; one module per source."""
