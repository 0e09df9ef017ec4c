"""The outermost room: starts Aman and keeps it running."""
