"""Tests of the room that starts the bot and keeps it running."""
