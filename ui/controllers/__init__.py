"""Connect views to services; views never import these."""
