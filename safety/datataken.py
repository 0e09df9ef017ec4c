"""What was taken from somebody who was held: data, phones, papers signed under pressure.

It is entered by taps alone, by the team while it happens or by the person afterwards, and each
entry names items of one list. What nobody entered was not said to be untouched: it is unknown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.cases import CaseSource, named, one_of
from safety.facts import FactKind
from safety.incidents import Entry
from safety.notices import Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.records import Harm, HarmKind, IncidentType
from safety.registration import Consent


class DataItem(StrEnum):
    """What can be taken, in the order in which it is asked; a stored entry holds these words."""

    NAMES = "names"
    IDENTITY_NUMBERS = "identity_numbers"
    ADDRESSES = "addresses"
    WORK = "work"
    STUDY = "study"
    PHONE_UNLOCKED = "phone_unlocked"
    PHONE_TAKEN = "phone_taken"
    FINGERPRINTS = "fingerprints"
    PHOTOGRAPHS = "photographs"
    NOTE_SIGNED = "explanatory_note_signed"
    PAPER_SIGNED = "other_paper_signed"


PAPERS = frozenset({DataItem.NOTE_SIGNED, DataItem.PAPER_SIGNED})
ITEM = "item"  # the name of an entry's details


@dataclass(frozen=True, slots=True, repr=False)
class Taking(Unprinted):
    """What one source says was taken; None as `by` is the person themselves."""

    at: datetime
    by: TeamId | None
    items: tuple[DataItem, ...]


def items_in(mask: int) -> tuple[DataItem, ...]:
    """Read the items of a button's number, the first as its lowest bit; more bits are none."""
    return tuple(item for number, item in enumerate(DataItem) if mask >> number & 1)


def mask_of(items: Iterable[DataItem]) -> int:
    """Write items as the number that buttons carry."""
    chosen = frozenset(items)
    return sum(1 << number for number, item in enumerate(DataItem) if item in chosen)


def details_of(items: Sequence[DataItem]) -> tuple[tuple[str, str], ...]:
    """Write items as the details of an entry."""
    return tuple((ITEM, item.value) for item in items)


def is_shown(consent: Consent | None, *, is_lawyer: bool) -> bool:
    """Say whether what was taken from a person may be read by the lawyer, or by organizers too.

    None: what they agreed to is not known, as while names are locked.
    """
    return is_lawyer or consent in {Consent.SAY_IT_HAPPENED, Consent.NAME_ME}


# ---------------------------------------------------------------- the record


def types(said: Sequence[Entry]) -> tuple[IncidentType, ...]:
    """Say what kind of thing these entries are: data, papers under pressure, or both."""
    items = {item for one in said for item in _items(one)}
    found = []
    if items - PAPERS:
        found.append(IncidentType.DATA_COLLECTION)
    if items & PAPERS:
        found.append(IncidentType.COERCED_NOTE)
    return tuple(found)


def harm(source: CaseSource, said: Sequence[Entry]) -> tuple[Harm, ...]:
    """Give the harm of each person: whatever any source has named, nothing that none has."""
    about = dict.fromkeys(one.about for one in said if one.what == FactKind.DATA_TAKEN.value)
    return tuple(
        Harm(
            HarmKind.DATA_TAKEN,
            victim=None if reference is None else named(source, reference),
            items=tuple(item.value for item in DataItem if item in taken),
        )
        for reference in about
        if (taken := {item for one in said if one.about == reference for item in _items(one)})
    )


def _items(entry: Entry) -> Iterator[DataItem]:
    if entry.what != FactKind.DATA_TAKEN.value:
        return
    for name, value in entry.details:
        item = one_of(DataItem, value) if name == ITEM else None
        if item is not None:
            yield item


# ---------------------------------------------------------------- notices


class _DataNotice(Notice):
    """What both notices of the list have in common: it goes soon, and is not passed on."""

    __slots__ = ()

    stays = timedelta(minutes=10)
    is_protected = True
    rings = False


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DataAsked(_DataNotice):
    """The list to tap, at the bottom: of a detention for the team, 0: the reader's own."""

    replaces = True

    event_id: EventId | None
    detention_id: int = 0
    mask: int = 0
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"data-taken:{self.detention_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DataTicked(_DataNotice):
    """The list where it stands, with something ticked."""

    event_id: EventId | None
    detention_id: int
    mask: int
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"data-taken:{self.detention_id}"
