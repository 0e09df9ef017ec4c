"""Keys, sealing, digests and proofs: the only place that touches cryptography."""
