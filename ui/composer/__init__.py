"""What a message is made of before it is sent: files, prompts of the library, presets."""
