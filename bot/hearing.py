"""How it goes with hearing from the service: when last, and what has been wrong since when.

Kept in memory by whatever takes updates in; `bot/watch.py` looks at it, keeps it and tells it.
"""

from datetime import datetime, timedelta

from telegram.error import (
    Conflict,
    EndPointNotFound,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot import logs
from bot.clock import Clock
from bot.waiting import Bell
from safety.intake import (
    DEAD_AFTER,
    FOREIGN,
    Outage,
    Signs,
    Trouble,
    is_shared,
    looks_foreign,
    one_more,
)

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds; the last one again and again
CONFLICT_PAUSE = 5.0  # seconds: another poller is there, and the newer one wins
LONGEST_PAUSE = 60.0  # seconds, whatever the service asks for: meanwhile no call is heard
FOREIGN_LASTS = 60.0  # seconds that nothing foreign must show before it counts as over


class Hearing:
    """How it goes now. `changed` rings when a trouble begins, grows or ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard = clock.monotonic()  # when, or when we began to listen
        self._failed = self._heard
        self._signed = self._heard  # when somebody else last showed
        self._signs: Signs | None = None
        self.foreign_at: datetime | None = None  # when it last was, and no echo of our own
        self.changed = Bell(clock)
        self.heard_at: datetime | None = None
        self.outage: Outage | None = None
        self.was_own = False  # an address of our own was found where updates were sent
        self.failures = 0  # since it was last good
        self._in_a_row = 0  # the latest of them, as far as they look like somebody else

    @property
    def trouble(self) -> Trouble | None:
        """Give what is wrong now."""
        return None if self.outage is None else self.outage.trouble

    @property
    def silent_for(self) -> timedelta:
        """Give how long nothing has been heard, or since when we listen."""
        return timedelta(seconds=self._clock.monotonic() - self._heard)

    @property
    def is_dead(self) -> bool:
        """Say whether nothing has been heard for so long that a person must know."""
        return self.outage is not None and self.silent_for >= DEAD_AFTER

    @property
    def shared_since(self) -> datetime | None:
        """Give since when somebody else takes updates in turn with us; None if nobody does."""
        signs, quiet_for = self._signs, self._clock.monotonic() - self._signed
        is_so = is_shared(signs, timedelta(seconds=quiet_for))
        return signs.since if signs is not None and is_so else None

    @property
    def is_foreign(self) -> bool:
        """Say whether somebody else seems to receive what is meant for us now."""
        is_so = looks_foreign(self.trouble, self._in_a_row)
        return is_so or (self.trouble in FOREIGN and self.shared_since is not None)

    def note_heard(self) -> None:
        """The service has answered as it should.

        Two pollers have good and bad polls in turn: something foreign is over only after a while.
        """
        now = self._clock.monotonic()
        self.heard_at, self._heard = self._clock.now(), now
        if self.trouble in FOREIGN and now - self._failed < FOREIGN_LASTS:
            return
        if self.outage is not None:
            logs.note("poll-good-again", count=self.failures)
            self.outage, self.failures, self._in_a_row = None, 0, 0
            self.changed.ring()

    def note_trouble(self, trouble: Trouble) -> None:
        """Something went wrong: within one outage the kind may change, its beginning stays."""
        self._failed = self._clock.monotonic()
        self.failures += 1
        self._in_a_row = self._in_a_row + 1 if trouble in FOREIGN else 0
        if trouble in FOREIGN:
            self._note_sign(self._failed)
        if trouble != self.trouble:
            logs.warn("poll-trouble", state=trouble.word)
            since = self._clock.now() if self.outage is None else self.outage.since
            self.outage = Outage(trouble, since)
        if self.is_foreign:
            self.foreign_at = self._clock.now()
        self.changed.ring()

    def note_own_webhook(self) -> None:
        """Updates were sent to an address of our own: whoever was seen by that was nobody else."""
        self.was_own = True
        self.changed.ring()

    def _note_sign(self, now: float) -> None:
        pause = timedelta(seconds=now - self._signed)
        self._signs, self._signed = one_more(self._signs, pause, self._clock.now()), now

    def pause(self) -> float:
        """Give the seconds to wait before the next try, after what went wrong so far."""
        match self.trouble:
            case Trouble.CONFLICT:
                return CONFLICT_PAUSE
            case Trouble.TOKEN_REFUSED:
                return PAUSES[-1]
            case _:
                return PAUSES[min(max(self.failures, 1), len(PAUSES)) - 1]


def trouble_of(error: Exception) -> Trouble:
    """Name what is wrong when the service was asked and this came of it."""
    match error:
        case RetryAfter():
            return Trouble.HALTED
        case Conflict():
            is_webhook = "webhook" in error.message.lower()
            return Trouble.FOREIGN_WEBHOOK if is_webhook else Trouble.CONFLICT
        case InvalidToken() | EndPointNotFound():
            return Trouble.TOKEN_REFUSED
        case NetworkError():
            return Trouble.NO_LINE
        case _:
            return Trouble.NO_SENSE


def wait_of(error: Exception) -> float:
    """Give the seconds that the service asks for; none for most errors."""
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
    return min(seconds, LONGEST_PAUSE)


def is_known(error: Exception) -> bool:
    """Say whether an error is one of those that the service is known for."""
    return isinstance(error, TelegramError)
