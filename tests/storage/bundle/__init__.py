"""Proof that a case bundle says what was recorded, and shows every change."""
