"""Every pixel and every Qt import."""
