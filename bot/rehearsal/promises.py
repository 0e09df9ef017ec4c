"""What the evening promises, and whether it was kept: none is kept unless it was shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from bot.rehearsal.botapi.errors import PersonError


class Outcome(StrEnum):
    """How a promise fared. One that the evening never came to is as bad as a broken one."""

    NOT_SHOWN = "not shown"
    KEPT = "kept"
    BROKEN = "broken"


class BrokenPromiseError(Exception):
    """Something in the evening was not as promised; says what, for the table."""


@dataclass(slots=True)
class Promise:
    """One row: what is promised, how it fared and, if broken, what was seen."""

    key: str
    text: str
    outcome: Outcome = Outcome.NOT_SHOWN
    reason: str = ""


PROMISES = (
    ("owner-once", "The owner's link makes one organizer, once"),
    ("two-for-team", "A further organizer or deputy needs a second person, and all are told"),
    ("form-survives", "A form goes on after a restart in the middle"),
    ("wake-test", "A test shows whom an alarm wakes; once opened it says that it is one"),
    ("bad-links", "Used, expired, revoked and guessed links get one and the same sentence"),
    ("bound-invitation", "An invitation opens for one account; the inviter hears of a second"),
    ("adults", "An answer under 18 stores nothing and is told kindly"),
    ("two-words", "The organizers see the two words that stand on the person's own screen"),
    ("withdrawn", "Whoever withdraws is erased"),
    ("own-answer", "Each person gets their own answer, in their own language"),
    ("practice", "Three minutes explain it all, and the practice press calls nobody"),
    ("two-for-venue", "A venue takes two people, and the deputy sees no roster"),
    ("no-early-place", "Nobody learns a place before its stage"),
    ("quiet-lock-screen", "No lock screen shows a place, a name or what this is"),
    ("place-protected", "A place stands behind Show and cannot be forwarded"),
    ("late-approval", "Somebody approved after a stage learns it at once"),
    ("hold", "One organizer's Hold stops what was not told yet"),
    ("old-place-first", "Whoever had the old place learns the new one first"),
    ("old-place-gone", "The old place leaves every phone"),
    ("board", "The board's numbers are right; names go after a minute"),
    ("alarm-at-once", "An alarm reaches organizers, steward, lawyer and medic at once"),
    ("seen-not-promised", "The person learns who saw it and when, never that help is coming"),
    ("alarm-joins", "Plain words raise an alarm that joins; a question does not"),
    ("key-stays", "The SOS key outlives housekeeping until the person is home"),
    ("mistake-unverified", "'It was a mistake' stays unverified until somebody heard a voice"),
    ("ring-again", "An alarm that nobody is on rings again every thirty seconds"),
    ("escalation", "An alarm that nobody acknowledges goes further, on time"),
    ("handed-on", "Whoever cannot come hands on: the next are rung, and they no more"),
    ("team-alarm", "Somebody of the team can call for help without any event"),
    ("incident-by-itself", "The attack is in the incident store, unconfirmed, without typing"),
    ("unseen-listed", "Whoever nobody saw leave is listed"),
    ("taken", "After 'They are taking me' the phone is empty, the key gone, the bot quiet"),
    ("lawyer-knows", "The lawyer has both detentions, with place and time"),
    ("silence-not-safe", "Whoever is silent in a roll call is asked again and never counted safe"),
    ("home", "Everybody is asked for on the way home, and on the third day"),
    ("report", "A visit is reported as text and voice, and belongs to one incident"),
    ("places-gone", "Messages with places have gone from every phone by themselves"),
    ("bundle", "The case is exported and verified; the video is the one that was sent"),
    ("roster-destroyed", "After two organizers' word nothing of the roster can be read"),
    ("case-outlives", "The case still verifies when the people are forgotten"),
    ("same-menu", "The menu tells nobody's role"),
    ("strangers", "Strangers learn nothing, whatever they press or write"),
    ("no-traces", "No name, place, token or text in any log or file"),
    ("official-api", "Every call was one the service takes; it never had to say 'too many'"),
)


class Promises:
    """The table of promises of one evening."""

    def __init__(self) -> None:
        self._rows = {key: Promise(key, text) for key, text in PROMISES}

    @property
    def rows(self) -> tuple[Promise, ...]:
        """Give all promises, in the order of the evening."""
        return tuple(self._rows.values())

    @property
    def are_kept(self) -> bool:
        """Say whether every single promise was shown and kept."""
        return all(row.outcome is Outcome.KEPT for row in self.rows)

    @contextmanager
    def keeping(self, key: str) -> Iterator[None]:
        """Show a promise: who does not see what they should breaks it, and the evening goes on."""
        row = self._rows[key]
        try:
            yield
        except (PersonError, BrokenPromiseError, TimeoutError) as error:
            row.outcome = Outcome.BROKEN
            row.reason = row.reason or str(error) or type(error).__name__
        else:
            if row.outcome is Outcome.NOT_SHOWN:
                row.outcome = Outcome.KEPT


def demand(holds: object, what: str) -> None:
    """Break the promise that is being shown, unless `holds`.

    Raises:
        BrokenPromiseError: it does not hold.
    """
    if not holds:
        raise BrokenPromiseError(what)
