"""All that the bot remembers: rows, sealed blobs, keys, evidence files, proofs."""
