"""From a ledger's entry to statements, and from these to a record: nothing added, all kept."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from safety.cases import CaseSource
from safety.folding import fold
from safety.incidents import Entry, Incident, IncidentId, IncidentKind, IncidentState
from safety.ledger import LedgerEntry, LedgerKind, speaker, statements_of, type_of
from safety.people import EventId
from safety.records import Certainty, IncidentType, Precision, Record, RecordDate
from safety.statements import entry_of, is_sound
from safety.taxonomy import ActorKind, Basis

AT = datetime(2027, 5, 27, 13, 0, tzinfo=UTC)
DAY = RecordDate(Precision.DAY, "2027-05-20")
FULL = {"by": ActorKind.VENUE_OWNER, "name": "S. K.", "when": DAY, "basis": Basis.TOLD}


def _fold(*entries: LedgerEntry) -> Record:
    stated = [
        entry_of(3, AT, "organizer-1", topic, fields)
        for entry in entries
        for topic, fields in statements_of(entry)
    ]
    return _record(stated)


def _record(entries: list[Entry]) -> Record:
    state = IncidentState.UNCONFIRMED
    incident = Incident(IncidentId(1), EventId(2), 3, IncidentKind.VENUE, 7, state, AT)
    source = CaseSource(
        incident=incident,
        entries=entries,
        identities={},
        names={},
        evidence=(),
        damaged=frozenset(),
        zone=ZoneInfo("Asia/Almaty"),
        file_name=lambda number, name: f"{number}-{name}",
        leaves=range(1, len(entries) + 1),
    )
    return fold(source)


@pytest.mark.parametrize("kind", LedgerKind)
@pytest.mark.parametrize("is_full", [False, True])
def test_every_entry_is_made_of_sound_statements(kind: LedgerKind, *, is_full: bool) -> None:
    """With all answers, and with every question passed over."""
    entry = LedgerEntry(kind, "x" * 1000, **(FULL if is_full else {}))  # type: ignore[arg-type] # as above
    stated = statements_of(entry)
    assert stated
    assert all(is_sound(topic, fields) for topic, fields in stated)
    names = {name for _, fields in stated for name, _ in fields}
    if not is_full:
        assert names.isdisjoint({"by", "speaker", "date", "actor", "name"})


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        (ActorKind.VENUE_OWNER, IncidentType.VENUE_REFUSAL),
        (ActorKind.PUBLIC_INSTITUTION, IncidentType.VENUE_REFUSAL),
        (None, IncidentType.VENUE_REFUSAL),
        (ActorKind.POLICE, IncidentType.PRESSURE_TO_CANCEL),
        (ActorKind.LOCAL_ADMINISTRATION, IncidentType.PRESSURE_TO_CANCEL),
    ],
)
def test_an_officials_refusal_is_pressure(by: ActorKind | None, kind: IncidentType) -> None:
    """Nobody is asked for the type: who it was says it."""
    assert type_of(by) is kind
    assert _fold(LedgerEntry(LedgerKind.REFUSAL, "No", by)).types == (kind,)


def test_what_was_promised_and_what_happened_stand_side_by_side() -> None:
    """In words, by whom, when it was promised; the breach gives type and date."""
    promised = LedgerEntry(
        LedgerKind.PROMISE, "Until ten", ActorKind.VENUE_OWNER, "S. K.", DAY, Basis.SAW
    )
    later = RecordDate(Precision.DAY, "2027-05-27")
    broken = LedgerEntry(LedgerKind.BREACH, "She locked the door", when=later, of=1)
    record = _fold(promised, broken)
    (promise,) = record.promises
    assert (promise.promised, promise.happened) == ("Until ten", "She locked the door")
    assert (promise.by, promise.date) == ("venue_owner, S. K.", DAY)
    assert [one.certainty for one in promise.said] == [Certainty.WITNESSED, Certainty.REPORTED]
    assert (record.types, record.date) == ((IncidentType.VENUE_REFUSAL,), later)


def test_a_contract_goes_by_itself_and_is_no_incident_of_any_type() -> None:
    """It waits until somebody breaks it."""
    record = _fold(LedgerEntry(LedgerKind.CONTRACT, "Room 4, from five", ActorKind.VENUE_OWNER))
    (promise,) = record.promises
    (said,) = promise.said
    assert (said.basis, said.according_to) == (Basis.DOCUMENT, "contract")
    assert (record.types, record.actors, record.date) == ((), (), None)


def test_who_said_what_is_quoted_with_its_date() -> None:
    """Verbatim; a month stays a month."""
    month = RecordDate(Precision.MONTH, "2027-04")
    said = LedgerEntry(LedgerKind.SAID, "«Кто придёт?»", ActorKind.POLICE, when=month)
    (quote,) = _fold(said).quotes
    assert (quote.text, quote.speaker, quote.date) == ("«Кто придёт?»", "police", month)
    assert quote.language is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("police", (ActorKind.POLICE, "")),
        ("venue_owner, S. K., twice", (ActorKind.VENUE_OWNER, "S. K., twice")),
        ("a man in a cap", (None, "a man in a cap")),
        ("", (None, "")),
    ],
)
def test_a_speaker_is_read_as_it_was_written(said: str, read: tuple[object, str]) -> None:
    """A role in front, a name behind it, or words of anybody's."""
    assert speaker(said) == read
