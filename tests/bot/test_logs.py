"""Logs say what happened and where, and nothing about anybody."""

import asyncio
import io
import logging
import os
import sys
import threading
import warnings

import pytest

from bot import logs, mounts
from bot.clock import MovableClock

SECRETS = ("Aigul", "Abay 10", "123456789:AAAA", "7700123456", "помогите")


def test_our_own_lines_keep_only_what_the_list_allows(log: io.StringIO) -> None:
    """An unknown field, an unknown shape or a number as large as an id is left out."""
    logs.note("update-handled", seq=5, kind="Say", place="delivery.py:12")
    logs.note("update-handled", name="Aigul", chat=7700123456)
    logs.note("update-handled", kind="Aigul said", seq=7700123456, error="Abay 10")
    logs.note("Aigul pressed SOS at Abay 10")
    written = log.getvalue()
    assert "event=update-handled seq=5 kind=Say place=delivery.py:12" in written
    assert not any(secret in written for secret in SECRETS)
    assert written.count("\n") == 4


@pytest.mark.parametrize("kind", [*sorted(mounts.ELSEWHERE), "fuse.google-drive-fs", "ext4"])
def test_a_file_system_is_named(log: io.StringIO, kind: str) -> None:
    """Whoever reads that destroyed keys may last has to know where."""
    logs.warn("destroyed-keys-may-last", file_system=kind)
    assert f"file_system={kind}" in log.getvalue()


def test_every_line_carries_the_clocks_time(log: io.StringIO, clock: MovableClock) -> None:
    """A line can be put beside the evening's course."""
    logs.note("started")
    assert f"timestamp={clock.now():%Y-%m-%dT%H:%M}" in log.getvalue()


@pytest.mark.parametrize("name", [*logs.HELD, "httpx._client", "unheard.of", "aiosqlite.core"])
def test_a_librarys_line_loses_its_words(log: io.StringIO, name: str) -> None:
    """Whatever a library writes, only its place and severity stay."""
    logger = logging.getLogger(name)
    logger.debug("POST https://api/bot123456789:AAAA/sendMessage Aigul")
    logger.info("POST https://api/bot123456789:AAAA/sendMessage Aigul")
    logger.warning("query %s for %s", "Abay 10", 7700123456)
    logger.error(f"помогите {SECRETS}")  # noqa: G004 - what a careless library does
    written = log.getvalue()
    assert written.count("library-line") == 2
    assert f"logger={name}" in written
    assert not any(secret in written for secret in SECRETS)


def test_an_exception_in_a_library_is_named_and_not_told(log: io.StringIO) -> None:
    """Its words and its trace may quote an update."""
    try:
        _ = dict[str, str]()["Aigul"]
    except KeyError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved Aigul")
    written = log.getvalue()
    assert "error=KeyError" in written
    assert "Aigul" not in written
    assert "Traceback" not in written


def test_a_fault_is_its_kind_and_its_place(log: io.StringIO) -> None:
    """Enough to find it at two in the morning."""
    try:
        int("Aigul lives at Abay 10")
    except ValueError as error:
        logs.fault("update-fault", error, seq=3)
    written = log.getvalue()
    assert "error=ValueError place=test_logs.py:" in written
    assert not any(secret in written for secret in SECRETS)


def test_a_warning_is_counted_and_not_quoted(log: io.StringIO) -> None:
    """Warnings of libraries quote what they were given."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("Aigul wrote помогите", UserWarning, stacklevel=1)
    written = log.getvalue()
    assert "logger=py.warnings" in written
    assert not any(secret in written for secret in SECRETS)


def test_an_uncaught_error_shows_no_trace(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print the error's words."""
    try:
        int("Aigul")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "Aigul" not in log.getvalue() + "".join(capsys.readouterr())
    assert "event=uncaught" in log.getvalue()


async def test_a_forgotten_task_tells_nothing(log: io.StringIO) -> None:
    """The loop reports a lost failure with its words; here they are gone."""
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Aigul", "exception": ValueError("Abay 10")})
    written = log.getvalue()
    assert "logger=asyncio" in written
    assert not any(secret in written for secret in SECRETS)


def test_a_stream_that_is_gone_breaks_nothing(clock: MovableClock, log: io.StringIO) -> None:
    """A full log disk must not keep an alarm."""
    del clock
    log.close()
    logs.warn("halted", seconds=3)


def test_a_terminal_that_stands_still_keeps_nobody_waiting(
    clock: MovableClock, log: io.StringIO
) -> None:
    """Somebody pressed Ctrl-S, or their connection hangs: lines are lost, the bot goes on."""
    del log  # is put back afterwards
    far, near = os.openpty()
    with os.fdopen(near, "w") as terminal:
        logs.set_up(terminal, clock)

        def write() -> None:
            for number in range(3_000):  # more than anything holds on the way
                logs.note("update-handled", seq=number)

        writing = threading.Thread(target=write, daemon=True)
        writing.start()
        writing.join(timeout=5)
        has_gone_on = not writing.is_alive()
        first = os.read(far, 4096)
        os.close(far)
    assert b"event=update-handled seq=0" in first
    assert has_gone_on
