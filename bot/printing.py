"""What is said to whoever sits at the terminal: at once, and noticed where nobody can hear it.

A reader that went away, a full disk or a closed output must not look like something that was done
and said: the last words may be an unlock secret that is shown only once.
"""

import contextlib
import io
import os
import sys
from typing import TextIO


class UnheardError(Exception):
    """What was said could not be printed."""


def say(line: str) -> None:
    """Say something on standard output, at once.

    Raises: UnheardError.
    """
    write_to(sys.stdout, line)


def write_to(stream: TextIO, line: str) -> None:
    """Write a line to a stream that somebody is to hear, at once.

    Raises: UnheardError.
    """
    if not _is_said(stream, line):
        raise UnheardError


def complain(sentence: str) -> None:
    """Say on standard error what is not as it should be, in one line, if anybody hears it.

    It may name what somebody else has named: nothing in it moves the terminal.
    """
    _is_said(sys.stderr, "".join(one if one.isprintable() else "?" for one in sentence))


def take_any_name() -> None:
    """Have names that the terminal cannot show written another way, rather than break for them."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _is_said(stream: TextIO, line: str) -> bool:
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except OSError:
        _let_go(stream)
        return False
    return True


def _let_go(stream: TextIO) -> None:
    """Let what could not be written go nowhere, or Python would try once more at its end."""
    with contextlib.suppress(OSError), open(os.devnull, "wb") as nothing:  # noqa: PTH123 - no path
        os.dup2(nothing.fileno(), stream.fileno())
