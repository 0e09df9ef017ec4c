"""The story, played whole over HTTP."""
