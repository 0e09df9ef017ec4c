"""What the bot can ask for: one function for each method, all in one table (``table``)."""
