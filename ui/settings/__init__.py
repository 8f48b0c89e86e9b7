"""The settings page, one file per group."""
