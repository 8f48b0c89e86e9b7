"""What the program does, without a window. Never imports Qt."""
