"""The shape of the code, held by tests that can fail."""
