"""The palette: one list of chats, messages, models and commands, for the keyboard alone."""
