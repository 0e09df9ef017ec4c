"""Updates as nobody should send them, from whoever might."""
