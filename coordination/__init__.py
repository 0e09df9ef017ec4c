"""What the bot does: one use case is one function is one transaction."""
