"""Markdown into text documents: parser, styles, builder, embedded blocks, tail-only streaming."""
