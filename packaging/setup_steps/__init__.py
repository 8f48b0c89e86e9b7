"""The steps of ``packaging/bootstrap.py``: standard library only, nothing of Moestro."""
