"""The page that finds chats by what was said in them."""
