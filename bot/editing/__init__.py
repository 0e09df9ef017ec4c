"""`aman open --edit`: a page on one's own computer, for adding to a case at length."""
