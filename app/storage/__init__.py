"""The one way to SQLite; only here is apsw imported."""
