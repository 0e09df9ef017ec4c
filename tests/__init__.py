"""What Aman promises, each promise a test that can fail."""
