"""The rules of keeping a meeting safe, as pure functions: values in, a decision out."""
