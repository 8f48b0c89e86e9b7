"""Which models are on this computer and may be loaded."""
