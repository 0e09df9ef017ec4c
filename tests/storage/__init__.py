"""What is kept: rows, keys, files and proofs, on a real disk."""
