"""The local Bot API server, held against what the real service does."""
