"""The acts of the evening, each in a file of its own."""
