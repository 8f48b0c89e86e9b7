"""Shortcuts of the window, each with its words, and the list of them."""
