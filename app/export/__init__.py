"""Conversations as files; one module per format."""
