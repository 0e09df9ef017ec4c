"""The product's log at its most talkative, kept; what pytest had set up is put back afterwards."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot import logs
from bot.clock import Clock


@contextmanager
def logbook(clock: Clock) -> Iterator[io.StringIO]:
    """Set logging up as the product does, and give what it writes."""
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    held = {name: logging.getLogger(name).level for name in logs.HELD}
    written = io.StringIO()
    logging.captureWarnings(capture=False)  # a bot that ran here before has left them captured
    logs.set_up(written, clock, is_verbose=True)
    yield written
    root.handlers, sys.excepthook = before, hook
    root.setLevel(level)
    for name, old in held.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
