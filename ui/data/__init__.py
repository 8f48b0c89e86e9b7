"""The pages about what Moestro keeps: backups to restore from, and where all of it lies."""
