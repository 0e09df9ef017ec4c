"""Giving the head of the proof log to people elsewhere: when, to whom, by what.

Whoever holds an earlier one can tell that a whole database was set back, or another put in its
place. It goes by mail, where it is kept, and never into the chat day after day: there a row of
them would be a timeline on a seized phone (ADR-0032).
"""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import Lane, notice
from safety.people import Role
from safety.secondaddresses import AddressKind
from safety.secondchannel import SecondNotice
from safety.timers import AfterPause, timer

EVERY = timedelta(days=1)  # at most, while the log grows
SOON = timedelta(minutes=10)  # after an alarm's end or a case's: what belongs to it stands by then
KEEPERS = (Role.LAWYER, Role.DEPUTY)
KEEPING = frozenset({AddressKind.MAIL, AddressKind.NTFY})  # what else there is would page people


@timer
@dataclass(frozen=True, slots=True, repr=False)
class CheckpointDue(AfterPause):
    """The log has grown: its head is given away."""

    @override
    def key(self) -> str:
        return "checkpoint"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class KeepCheckpoint(SecondNotice):
    """The newest head of the log, to be kept; it wakes nobody."""

    lane = Lane.HOUSEKEEPING
    rings = False
    valid_for = timedelta(days=7)

    @override
    def card(self) -> str | None:
        return "second-checkpoint"
