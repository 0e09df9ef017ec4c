"""What the real bot has told the service, read from the bytes that it has sent.

That is what it has acknowledged: updates by the offset of a poll, everything else by a message
that speaks of it. What was sent counts from that moment, whether anybody has got it or not.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tests.faults.recording import Send, Step

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = re.compile(rb"POST /bot[^/]+/(\w+) HTTP/1\.1\r\n")
_END = b"\r\n\r\n"
_ALARM = re.compile(r"Alarm (\d+)")
GONE = "The keys are destroyed."


def lines(steps: Sequence[Step], purged: int) -> Iterator[tuple[int, str]]:
    """Give what `Said` hears, each with the number of the step in which the last of it was sent.

    `purged` is the event that is purged.
    """
    for number, method, asked in _requests(steps):
        if method == "getMe":
            yield number, "ready"
            yield number, f"purging {purged}"  # from some moment on that nobody is told
        if method == "getUpdates" and int(asked.get("offset", "0")) > 0:
            yield number, f"taken {asked['offset']}"
        text = asked.get("text", "")
        if found := _ALARM.search(text):
            yield number, f"rung {found[1]}"
        if GONE in text:
            yield number, f"purged {purged}"


def _requests(steps: Sequence[Step]) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Give each request that was sent whole: head and form may come in several pieces."""
    begun: dict[Path, bytes] = {}
    for number, step in enumerate(steps):
        if not isinstance(step, Send):
            continue
        sent = step.content
        content = sent if _HEAD.match(sent) else begun.get(step.path, b"") + sent
        begun[step.path] = content
        head, _, form = content.partition(_END)
        found = _HEAD.match(content)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if found and len(form) >= (int(length[1]) if length else 0):
            yield number, found[1].decode(), _form(form)
            begun.pop(step.path)


def _form(form: bytes) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(form.decode()).items()}
