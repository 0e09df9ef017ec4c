"""The case bundle: a directory a lawyer can use, anyone can verify, without this program."""
