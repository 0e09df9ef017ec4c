"""What may stand in a log: an event's name and a few fields that say nothing about anybody (T-09).

Our own lines pass an allow-list. Lines of libraries keep only their place and their severity: an
`httpx` line holds the token, a database line holds parameters, a warning may quote an update.
"""

import contextlib
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger
from typing_extensions import override

from bot.clock import Clock

HELD = ("httpx", "httpcore", "aiosqlite", "telegram", "apscheduler", "uvicorn", "asyncio")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,59}")  # a class, a method, a logger
_FILE_SYSTEM = re.compile(r"[0-9]?[a-z][a-z0-9._-]{0,40}")
_EVENT = re.compile(r"[a-z][a-z0-9-]{0,59}")
_PLACE = re.compile(r"[A-Za-z0-9_<>]{1,60}(\.py)?:[0-9]{1,6}")
_LARGEST = 10_000_000  # no id of a person is let through as a number

_FIELDS: Mapping[str, re.Pattern[str] | type[int]] = {
    "attempts": int,
    "count": int,
    "error": _NAME,
    "file_system": _FILE_SYSTEM,
    "kind": _NAME,
    "lane": int,
    "logger": _NAME,
    "method": _NAME,
    "outcome": _EVENT,
    "place": _PLACE,
    "seconds": int,
    "seq": int,
    "state": _EVENT,
    "status": int,
}


def set_up(
    stream: TextIO, clock: Clock, *, is_verbose: bool = False, lowest: int = logging.INFO
) -> None:
    """Send every line to `stream`, ours through the allow-list, all others without their words.

    `lowest` is the least severity that is written; `is_verbose` writes everything of ours.
    """
    lowest = logging.DEBUG if is_verbose else lowest
    careful = _Careful(_without_waiting(stream))
    structlog.configure(
        processors=[
            _only_allowed,
            structlog.processors.add_log_level,
            _stamper(clock),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=lambda: structlog.PrintLogger(cast("TextIO", careful)),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Wordless()]
    root.setLevel(logging.WARNING)
    for name in HELD:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught


def note(event: str, **fields: str | int) -> None:
    """Write that something happened; what the allow-list does not know is left out."""
    structlog.get_logger().info(event, **fields)


def detail(event: str, **fields: str | int) -> None:
    """Write what only matters while looking for a fault."""
    structlog.get_logger().debug(event, **fields)


def warn(event: str, **fields: str | int) -> None:
    """Write that somebody should look."""
    structlog.get_logger().warning(event, **fields)


def fault(event: str, error: BaseException, **fields: str | int) -> None:
    """Write what broke and where, without the error's words: they may quote a person."""
    structlog.get_logger().error(
        event, error=type(error).__name__, place=place_of(error), **fields
    )


def place_of(error: BaseException) -> str:
    """Give `file:line` of the innermost frame of ours, else of any."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    if not (ours or frames):
        return "unknown:0"
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno or 0}"


def _only_allowed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {name: value for name, value in line.items() if _is_allowed(name, value)}


def _is_allowed(name: str, value: object) -> bool:
    if name == "event":
        return isinstance(value, str) and _EVENT.fullmatch(value) is not None
    shape = _FIELDS.get(name)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return shape is int and isinstance(value, int) and abs(value) <= _LARGEST


def _stamper(clock: Clock) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def stamp(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        return {**line, "timestamp": clock.now().isoformat(timespec="milliseconds")}

    return stamp


def _without_waiting(stream: TextIO) -> TextIO:
    """Open a terminal anew so that a line it has no room for is lost; else give `stream` itself.

    One that stands still (Ctrl-S, a connection that hangs) would hold up whoever writes to it.
    """
    try:
        path = os.ttyname(stream.fileno())
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        # It stays open until the program ends.
        return os.fdopen(os.open(path, flags), "w", buffering=1, closefd=False)
    except (OSError, ValueError):  # no terminal, or another account's
        return stream


class _Careful:
    """A stream whose loss breaks nothing: an alarm matters more than its line in a log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, if it can be written."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        """Flush, if it can be flushed."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class _Wordless(logging.Handler):
    """Keeps a foreign line's place and severity; its words and arguments are dropped."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().warning(
            "library-line",
            logger=record.name,
            place=f"{record.filename}:{record.lineno}",
            error="" if error is None else error.__name__,
        )


def _uncaught(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    fault("uncaught", error)
