"""The page about this computer: its devices, its engine and how fast they are."""
