"""The rules, tested without anything around them."""
