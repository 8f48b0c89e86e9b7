"""Markdown as blocks of tokens, formulas and colours of code: what screen and exports share."""
