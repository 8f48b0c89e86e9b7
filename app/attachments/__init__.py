"""Files that go with a question: their text, taken out in a process of its own, and kept."""
