"""Bundled files: fonts and icons, each folder with its licence."""
