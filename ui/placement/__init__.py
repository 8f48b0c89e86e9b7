"""The placement page: where every part of a model sits, what it costs, and what can be chosen."""
