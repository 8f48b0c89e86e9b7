"""Qt item models over lists of entities."""
