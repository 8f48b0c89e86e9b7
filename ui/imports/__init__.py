"""The sheet that takes other programs' chats, and our own files, into the history."""
