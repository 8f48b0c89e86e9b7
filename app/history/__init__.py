"""Conversations and their messages, kept in history.sqlite3."""
