"""What is owed about an alarm: the caller's own card, the team's card, details for a minute.

Each exists in two kinds: one that rings (a new message), one that changes the message in place.
"""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import SHORT_STAY, IfUnknown, Lane, Notice, notice
from safety.people import EventId

CARDS_STAY = timedelta(hours=12)
ASK_HELP = "ask-help"


class _AlarmNotice(Notice):
    """What all alarm notices have in common: first, and again where delivery is not known."""

    __slots__ = ()

    lane = Lane.ALARM
    if_unknown = IfUnknown.SEND_AGAIN
    stays = CARDS_STAY


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmAnswer(_AlarmNotice):
    """The caller's own card, at the bottom of the chat again after each press."""

    replaces = True

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm-mine:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmSeen(_AlarmNotice):
    """The caller's own card, changed in place; of hundreds at once, so after whatever rings."""

    lane = Lane.REPLY

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm-mine:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmRing(_AlarmNotice):
    """The team's card of an alarm, rung: for the first call, each new person, no answer.

    A phone that rang within the second shows the rest on that card: nobody has looked away, and
    the service takes about one message a second there.
    """

    replaces = True
    apart = timedelta(seconds=1)

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmUpdate(_AlarmNotice):
    """The team's card of an alarm, changed in place."""

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmEnding(_AlarmNotice):
    """The card, asking whoever presses *Resolved* which way."""

    asks = True

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmVoice(_AlarmNotice):
    """The card, asking what the voice said. `caller` is the place in the list of callers."""

    asks = True

    alarm_id: int
    caller: int

    @override
    def card(self) -> str | None:
        return f"alarm:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmVoices(_AlarmNotice):
    """The card, asking whose voice was heard: where many have called."""

    asks = True

    alarm_id: int
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"alarm:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmDetails(_AlarmNotice):
    """Who called, and what they said since; gone after a minute."""

    stays = SHORT_STAY
    is_protected = True
    rings = False
    replaces = True

    alarm_id: int
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"alarm-details:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmPlace(_AlarmNotice):
    """Where a caller was last, as a pin; gone after a minute.

    Of many who have called there are many: whatever rings goes before them.
    """

    lane = Lane.REPLY
    stays = SHORT_STAY
    is_protected = True
    rings = False
    replaces = True

    alarm_id: int
    caller: int

    @override
    def card(self) -> str | None:
        return f"alarm-place:{self.alarm_id}:{self.caller}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AskHelp(_AlarmNotice):
    """Asks what words in doubt have meant, or a place alone: written as in entries."""

    replaces = True

    event_id: EventId | None = None
    place: str = ""
    message_id: int = 0

    @override
    def card(self) -> str | None:
        return ASK_HELP

    @override
    def tag(self) -> str | None:
        return ASK_HELP
