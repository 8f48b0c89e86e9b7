"""The sheets that take conversations out of the window: export, and Markdown copies."""
