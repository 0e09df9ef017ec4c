"""The evening as it is told: time, who, and what they see and press, as it happens.

Colour only on a terminal. Every line is what stood on somebody's phone.
"""

import textwrap
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.printing import write_to
from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.botapi.screens import look_at
from bot.rehearsal.promises import Outcome, Promise

WIDTH = 100  # columns
FEW = 3  # messages that go at once and are still told one by one
_NAME = 22  # columns for who
_VERB = 10

_BOLD, _DIM, _GREEN, _RED, _CYAN, _PLAIN = (
    "\x1b[1m",
    "\x1b[2m",
    "\x1b[32m",
    "\x1b[31m",
    "\x1b[36m",
    "\x1b[0m",
)

_VERBS: Mapping[HappeningKind, str] = {
    HappeningKind.RECEIVED: "sees",
    HappeningKind.EDITED: "now sees",
    HappeningKind.DELETED: "loses",
    HappeningKind.ALERT: "is told",
    HappeningKind.KEYBOARD_SHOWN: "has key",
    HappeningKind.KEYBOARD_GONE: "loses key",
    HappeningKind.WROTE: "writes",
    HappeningKind.PRESSED: "presses",
    HappeningKind.SENT: "sends",
    HappeningKind.CHANGED_OWN: "changes",
    HappeningKind.DELETED_OWN: "deletes",
    HappeningKind.CLEARED: "clears",
    HappeningKind.BLOCKED: "blocks",
    HappeningKind.UNBLOCKED: "unblocks",
}
_BY_PERSON = frozenset(
    {HappeningKind.WROTE, HappeningKind.PRESSED, HappeningKind.SENT, HappeningKind.CHANGED_OWN}
)


class Transcript:
    """Writes the evening down for one reader."""

    def __init__(self, stream: TextIO, zone: ZoneInfo, acts: int) -> None:
        self._stream = stream
        self._zone = zone
        self._acts = acts
        self._act = 0
        self._has_colour = stream.isatty()
        self._names: dict[int, str] = {}
        self._gone: list[Happening] = []  # messages that went, until something else happens
        self._told: Happening | None = None  # the answer to a press that was written down last …
        self._repeats = 0  # … and how often it was given again since

    def knows(self, chat_id: int, name: str) -> None:
        """Learn who a chat belongs to."""
        self._names[chat_id] = name

    def act(self, title: str, moment: datetime) -> None:
        """Begin an act: a heading with the day, and how far the evening is."""
        self._catch_up()
        self._act += 1
        day = moment.astimezone(self._zone).strftime("%A %d %B, %H:%M")
        self._write("")
        self._write(self._paint(_BOLD, f"── {self._act}/{self._acts}  {title}  ({day})"))

    def tell(self, sentence: str) -> None:
        """Say what happens off the phones."""
        for line in textwrap.wrap(sentence, WIDTH - 8):
            self._write(self._paint(_DIM, f"        {line}"))

    def note(self, happening: Happening) -> None:
        """Write down one thing that happened on one phone."""
        if happening.kind is HappeningKind.DELETED:
            self._gone.append(happening)
            return
        if self._is_repeated(happening):
            self._repeats += 1
            return
        self._catch_up()
        self._told = happening if happening.kind is HappeningKind.ALERT else None
        self._write_down(happening)

    def _is_repeated(self, happening: Happening) -> bool:
        last = self._told
        return (
            last is not None
            and not self._gone
            and (last.chat_id, last.kind, last.text)
            == (happening.chat_id, happening.kind, happening.text)
        )

    def _catch_up(self) -> None:
        """Say what was held back so far: the same said again, and messages that went."""
        if self._repeats:
            times = "once" if self._repeats == 1 else f"{self._repeats} times"
            self.tell(f"The same is said {times} more.")
        self._told, self._repeats = None, 0
        self._tell_gone()

    def _tell_gone(self) -> None:
        """Say of a few messages which they were; of many, how many."""
        gone, self._gone = self._gone, []
        if len(gone) <= FEW:
            for happening in gone:
                self._write_down(happening)
            return
        phones = len({happening.chat_id for happening in gone})
        where = "one phone" if phones == 1 else f"{phones} phones"
        self.tell(f"{len(gone)} messages have gone from {where}.")

    def _write_down(self, happening: Happening) -> None:
        verb = _VERBS.get(happening.kind)
        if verb is None or (not happening.text and happening.message is None):
            return
        moment = happening.at.astimezone(self._zone).strftime("%H:%M")
        name = self._names.get(happening.chat_id, "somebody")
        head = f"{moment}  {name:<{_NAME}}{verb:<{_VERB}}"
        lines = _lines(happening) or [""]
        colour = _CYAN if happening.kind in _BY_PERSON else _PLAIN
        self._write(self._paint(colour, head + lines[0]))
        for line in lines[1:]:
            self._write(self._paint(colour, " " * len(head) + line))

    def table(self, promises: tuple[Promise, ...]) -> None:
        """Write the table of promises."""
        self._catch_up()
        self._write("")
        self._write(self._paint(_BOLD, "What was promised"))
        for promise in promises:
            good = promise.outcome is Outcome.KEPT
            mark = self._paint(_GREEN if good else _RED, f"{promise.outcome.value:<10}")
            self._write(f"  {mark} {promise.text}")
            for line in promise.reason.splitlines():
                self._write(f"             {line}")

    def _paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._has_colour and colour != _PLAIN else text

    def _write(self, line: str) -> None:
        write_to(self._stream, line.rstrip())


def _lines(happening: Happening) -> list[str]:
    text = happening.text
    message = None if happening.message is None else look_at(happening.message)
    if not text and message is not None and message.location is not None:
        text = f"a pin on the map: {message.location[0]:.4f}, {message.location[1]:.4f}"
    elif not text and message is not None:
        text = f"({message.kind})"
    if happening.kind is HappeningKind.DELETED:
        text = text.splitlines()[0] if text else ""
    width = WIDTH - 7 - _NAME - _VERB
    lines = [part for line in text.splitlines() for part in (textwrap.wrap(line, width) or [""])]
    is_shown = happening.kind in {HappeningKind.RECEIVED, HappeningKind.EDITED}
    if message is not None and is_shown and message.labels:
        buttons = " ".join(f"[{label}]" for label in message.labels)
        lines += textwrap.wrap(buttons, width)
    return lines
