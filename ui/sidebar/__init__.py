"""The sidebar: new chat, search, the list of chats, the trash and the foot."""
