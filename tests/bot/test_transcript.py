"""The evening as it is told to one reader: nothing is left out, and nothing hides the rest."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.transcript import Transcript

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
DANA, VIKTOR = 17, 18


def _told(*happenings: tuple[int, HappeningKind, str]) -> list[str]:
    stream = io.StringIO()
    transcript = Transcript(stream, ZoneInfo("UTC"), acts=1)
    transcript.knows(DANA, "Dana")
    transcript.knows(VIKTOR, "Viktor")
    for number, (chat_id, kind, text) in enumerate(happenings):
        transcript.note(Happening(NOW + timedelta(minutes=number), chat_id, kind, text))
    transcript.table(())
    return [" ".join(line.split()) for line in stream.getvalue().splitlines()[:-2]]


def test_the_same_answer_is_told_once_and_counted() -> None:
    """A hundred and fifty forged presses do not push everything else off the screen."""
    told = (VIKTOR, HappeningKind.ALERT, "There is nothing for you here.")
    assert _told(*(told,) * 150) == [
        "18:00 Viktor is told There is nothing for you here.",
        "The same is said 149 times more.",
    ]


def test_what_differs_is_told_each_time() -> None:
    """Another person, another text, something in between: each has its line."""
    no, yes = "No.", "Yes."
    assert _told(
        (VIKTOR, HappeningKind.ALERT, no),
        (DANA, HappeningKind.ALERT, no),
        (DANA, HappeningKind.ALERT, yes),
        (DANA, HappeningKind.WROTE, yes),
        (DANA, HappeningKind.ALERT, yes),
        (DANA, HappeningKind.DELETED, "a place"),
        (DANA, HappeningKind.ALERT, yes),
    ) == [
        "18:00 Viktor is told No.",
        "18:01 Dana is told No.",
        "18:02 Dana is told Yes.",
        "18:03 Dana writes Yes.",
        "18:04 Dana is told Yes.",
        "18:05 Dana loses a place",
        "18:06 Dana is told Yes.",
    ]
