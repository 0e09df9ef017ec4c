"""Proof that the vault keeps its promises."""
