"""What counts as a sign before an event, and what is new since a decision."""

from datetime import UTC, datetime, timedelta

import pytest

from safety.decisions import Choice, Decision, Reasoned, Why
from safety.exporting import ExportLevel, Terms, is_given
from safety.facts import FactKind
from safety.incidents import (
    Entry,
    Incident,
    IncidentId,
    IncidentKind,
    IncidentState,
    counted,
    followed,
)
from safety.people import EventId, TeamId
from safety.records import Certainty, IncidentGroup, IncidentType
from safety.threats import at_first_sight, count, details_of, newest_first, sign_of, since

NOW = datetime(2027, 5, 27, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _incident(
    kind: IncidentKind = IncidentKind.REPORT,
    state: IncidentState = IncidentState.UNCONFIRMED,
    number: int = 1,
) -> Incident:
    return Incident(IncidentId(number), EventId(1), number, kind, number, state, NOW)


def _said(*details: tuple[str, str], at: datetime = NOW, what: str = "report") -> Entry:
    return Entry(1, what, at, "person-1", details=details)


@pytest.mark.parametrize(
    "details",
    [
        ("group", "threats"),
        ("group", "surveillance"),
        ("group", "venue"),
        ("type", "call_to_violence"),
        ("type", "identity_circulated"),
        ("type", "tailing"),
        ("type", "digital_surveillance"),
        ("type", "pressure_to_cancel"),
        ("type", "venue_refusal"),
    ],
)
def test_threats_watching_and_pressure_on_the_place_are_signs(details: tuple[str, str]) -> None:
    """By one tap, whether or not the second question was answered."""
    assert sign_of(_incident(), [_said(("text", "they follow me")), _said(details)]) is not None


@pytest.mark.parametrize(
    "details", [("group", "attack"), ("type", "injury"), ("text", "tailing"), ("type", "x")]
)
def test_what_nobody_called_a_threat_is_no_sign(details: tuple[str, str]) -> None:
    """What happened already is a record; words alone are read by people, not by the bot."""
    assert sign_of(_incident(), [_said(details)]) is None


def test_what_was_called_false_is_no_sign() -> None:
    """It stays a record, and is counted nowhere."""
    false = _incident(state=IncidentState.FALSE)
    assert sign_of(false, [_said(("type", "tailing"))]) is None
    assert at_first_sight(false) is None


@pytest.mark.parametrize("what", [FactKind.HOLD, FactKind.VENUE_CANCELLED])
def test_a_hold_and_a_refusal_are_signs_without_a_word(what: FactKind) -> None:
    """The bot has seen them itself."""
    sign = sign_of(_incident(IncidentKind.VENUE), [_said(what=what.value)])
    assert sign is not None
    assert sign.said_at is None


def test_a_sign_says_how_it_is_known_and_when_it_was_last_said() -> None:
    """The newest word decides where it stands; nobody's certainty is made up."""
    entries = [_said(("type", "tailing")), _said(("certainty", "presumed"))]
    later = _said(("type", "call_to_violence"), at=NOW + HOUR)
    sign = sign_of(_incident(), [*entries, later])
    assert sign is not None
    assert (sign.at, sign.certainty) == (NOW + HOUR, Certainty.PRESUMED)
    assert set(sign.types) == {IncidentType.TAILING, IncidentType.CALL_TO_VIOLENCE}
    bare = sign_of(_incident(), [_said(("group", "threats"))])
    assert bare is not None
    assert (bare.certainty, bare.types, bare.groups) == (None, (), (IncidentGroup.THREATS,))


def test_numbers_say_how_many_how_new_how_sure() -> None:
    """In the last 24 hours, confirmed by a person, and how it is known."""
    found = [
        sign_of(_incident(number=1), [_said(("type", "tailing"), at=NOW - 25 * HOUR)]),
        sign_of(
            _incident(state=IncidentState.CONFIRMED, number=2),
            [_said(("type", "tailing"), ("certainty", "witnessed"), at=NOW - 24 * HOUR)],
        ),
    ]
    signs = newest_first(one for one in found if one is not None)
    assert [one.incident.number for one in signs] == [2, 1]
    numbers = count(signs, NOW)
    assert (numbers.total, numbers.lately, numbers.confirmed, numbers.unconfirmed) == (2, 1, 1, 1)
    assert numbers.known == ((Certainty.WITNESSED, 1), (None, 1))


@pytest.mark.parametrize("choice", Choice)
def test_only_what_came_after_a_decision_is_new(choice: Choice) -> None:
    """That the place is held follows from *hold*; after *go* it is news."""
    decision = Decision(1, choice, NOW, TeamId(1))
    before = sign_of(_incident(), [_said(("type", "tailing"))])
    after = sign_of(_incident(), [_said(("type", "tailing"), at=NOW + HOUR)])
    held = sign_of(_incident(IncidentKind.VENUE), [_said(what="hold", at=NOW + HOUR)])
    assert before is not None
    assert after is not None
    assert held is not None
    assert since([before], decision) == 0
    assert since([before, after], decision) == 1
    assert since([held], decision) == (1 if choice is Choice.GO else 0)


def test_a_decision_is_written_with_what_stood_on_the_board() -> None:
    """While the case cannot be read nothing is said of the board, and nothing made up."""
    numbers = count((), NOW)
    said = Reasoned(Choice.GO, Why.CHECKED, "we walked there")
    written = dict(details_of(Choice.GO, said, numbers))
    assert written["decision"] == "go"
    assert written["why"] == "checked"
    assert written["words"] == "we walked there"
    assert (written["signs"], written["signs-24h"], written["signs-confirmed"]) == ("0", "0", "0")
    assert details_of(Choice.HOLD, None, None) == (("decision", "hold"),)


@pytest.mark.parametrize(
    ("level", "is_told"),
    [
        (ExportLevel.LAWYER, True),
        (ExportLevel.CONFIDENTIAL, False),
        (ExportLevel.PUBLIC, False),
    ],
)
def test_decisions_are_given_out_to_the_lawyer_alone(level: ExportLevel, *, is_told: bool) -> None:
    """What the organizers weighed is nobody else's business; it is counted with no incident."""
    said = _said(("decision", "go"), what=FactKind.DECISION.value)
    decided = _incident(IncidentKind.DECISION, IncidentState.CONFIRMED)
    assert is_given(decided, [said], [said], Terms(level)) is is_told
    assert counted([decided])[decided.state] == 0
    assert followed([decided], IncidentKind.ALARM, NOW + HOUR) is None
