"""Small reusable widgets, one per file; they know the theme and nothing else."""
