"""Copies of everything a user wrote: made, thinned, described, restored, and erased on request."""
