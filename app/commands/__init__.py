"""Terminal commands, one module each: arguments in, services asked, text or JSON out."""
