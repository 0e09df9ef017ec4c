"""The ledger of a place: what was agreed, promised, refused, broken and said, by whom and when.

An entry becomes statements of the place's own record, so promises and what became of them stand
side by side there. A refusal or a breach gives that record its type: pressure to cancel, where an
official was behind it, else a refusal of the place.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from typing_extensions import override

from safety.cases import one_of
from safety.notices import Notice, notice
from safety.people import Unprinted
from safety.records import IncidentType, RecordDate
from safety.statements import TYPED, Fields, Topic
from safety.taxonomy import ActorKind, Basis

WORDS_LIMIT = TYPED  # characters
NAME_LIMIT = 80  # characters
CONTRACT = "contract"  # the document that an agreement goes by


class LedgerKind(StrEnum):
    """What an entry tells."""

    REFUSAL = "refusal"
    BREACH = "breach"
    PROMISE = "promise"
    CONTRACT = "contract"
    SAID = "said"


TROUBLE = frozenset({LedgerKind.REFUSAL, LedgerKind.BREACH})
BY = (
    ActorKind.VENUE_OWNER,
    ActorKind.PUBLIC_INSTITUTION,
    ActorKind.LOCAL_ADMINISTRATION,
    ActorKind.POLICE,
    ActorKind.SECURITY_SERVICE,
    ActorKind.INDIVIDUAL,
)
_OFFICIALS = frozenset(
    {
        ActorKind.LOCAL_ADMINISTRATION,
        ActorKind.NATIONAL_OFFICIAL,
        ActorKind.POLICE,
        ActorKind.SPECIAL_POLICE,
        ActorKind.SECURITY_SERVICE,
    }
)
BASES = (Basis.SAW, Basis.TOLD, Basis.DOCUMENT)


@dataclass(frozen=True, slots=True, repr=False)
class LedgerEntry(Unprinted):
    """What an organizer enters; whatever was passed over is None.

    `of` is the promise that was broken, by its number in the proof log.
    """

    kind: LedgerKind
    words: str
    by: ActorKind | None = None
    name: str | None = None
    when: RecordDate | None = None
    basis: Basis | None = None
    of: int | None = None


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LedgerScreen(Notice):
    """The ledger of one place: promises beside what became of them, and what was said."""

    stays = timedelta(minutes=10)
    is_protected = True
    replaces = True

    venue_id: int

    @override
    def card(self) -> str | None:
        return f"ledger:{self.venue_id}"


def statements_of(entry: LedgerEntry) -> tuple[tuple[Topic, Fields], ...]:
    """Write an entry as statements of the place's record; nothing is said that was passed over."""
    when = _when(entry)
    stated: list[tuple[Topic, Fields]] = []
    match entry.kind:
        case LedgerKind.CONTRACT | LedgerKind.PROMISE:
            promised = (("promised", entry.words), *_speaker(entry, "by"), *when)
            stated.append((Topic.PROMISE, promised))
        case LedgerKind.SAID | LedgerKind.REFUSAL:
            quote = (("quote", entry.words), *_speaker(entry, "speaker"), *when)
            stated.append((Topic.QUOTE, quote))
        case LedgerKind.BREACH if entry.of is not None:
            stated.append((Topic.ACT, (("happened", entry.words), ("of", str(entry.of)))))
        case LedgerKind.BREACH:
            stated.append((Topic.WORDS, (("text", entry.words),)))
    if entry.kind in TROUBLE:
        stated.append((Topic.TYPE, (("type", type_of(entry.by).value),)))
        stated += [(Topic.DATE, when)] if when else []
        named = (("name", entry.name),) if entry.name else ()
        stated += [(Topic.ACTOR, (("actor", entry.by.value), *named))] if entry.by else []
    return tuple((topic, (*fields, *_basis(entry))) for topic, fields in stated)


def type_of(by: ActorKind | None) -> IncidentType:
    """Say what a refusal or a breach is: pressure where an official was behind it."""
    is_pressure = by in _OFFICIALS
    return IncidentType.PRESSURE_TO_CANCEL if is_pressure else IncidentType.VENUE_REFUSAL


def _speaker(entry: LedgerEntry, field: str) -> Fields:
    said = ", ".join(part for part in (entry.by and entry.by.value, entry.name) if part)
    return ((field, said),) if said else ()


def speaker(said: str) -> tuple[ActorKind | None, str]:
    """Read who is named as a promise's or a quote's speaker: a role, if any, and the rest."""
    role, _, name = said.partition(", ")
    kind = one_of(ActorKind, role)
    return (None, said) if kind is None else (kind, name)


def _when(entry: LedgerEntry) -> Fields:
    when = entry.when
    if when is None or when.value is None:
        return ()
    return (("date", when.value), ("precision", when.precision.value))


def _basis(entry: LedgerEntry) -> Fields:
    """Say what it goes by; a contract goes by itself, unless something else was said."""
    if entry.kind is LedgerKind.CONTRACT:
        return (("basis", Basis.DOCUMENT.value), ("according_to", CONTRACT))
    return (("basis", entry.basis.value),) if entry.basis else ()
