"""Conversations on paper: strips of content, pages made of them, PDF files and printers."""
