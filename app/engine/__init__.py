"""The engine room: the worker process, its protocol, and the client that watches it."""
