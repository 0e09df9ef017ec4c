"""How the bot talks: one table of commands and buttons, keyboards, texts, forms, rendering."""
