"""Everyone's phones on one page on 127.0.0.1, to play an evening by hand."""
