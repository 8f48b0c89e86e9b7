"""A turn: from a question to an answer that is kept."""
