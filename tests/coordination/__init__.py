"""The use cases, below the chat."""
