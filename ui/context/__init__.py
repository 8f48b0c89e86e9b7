"""How full the context is, what is in it, and what to do when it overflows."""
