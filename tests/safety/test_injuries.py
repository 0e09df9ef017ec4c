"""Injuries by rule: what stays unknown, when somebody is reminded, and when no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from safety import injuries
from safety.cases import CaseSource, Identity
from safety.exporting import ExportLevel, Terms, sift
from safety.facts import FactKind
from safety.folding import fold
from safety.incidents import Entry, Incident, IncidentId, IncidentKind, IncidentState
from safety.injuries import NO, YES, Injury, InjuryQuestion
from safety.lawrules import UNFILLED, LawRules, Threshold
from safety.people import PersonId
from safety.records import Harm, HarmKind, IncidentType
from safety.registration import Consent

NOW = datetime(2027, 5, 26, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
INJURY = Injury(1, None, PersonId(7), None, 2, 3, NOW)


def said(*details: tuple[str, str], number: str = "3", by: str = "person-7001") -> Entry:
    """Give what somebody said of an injury of their own."""
    about = ("injury", number)
    return Entry(*(4, FactKind.INJURY.value, NOW, by, by, (about, *details)))


def harm(*entries: Entry) -> tuple[Harm, ...]:
    """Fold entries into the harm of a record."""
    state = IncidentState.UNCONFIRMED
    incident = Incident(IncidentId(1), None, 4, IncidentKind.INJURY, 2, state, NOW)
    source = CaseSource(
        *(incident, entries, {}, {}, (), frozenset(), ZoneInfo("UTC"), lambda *_: ""),
    )
    record = fold(source)
    assert record.types == (IncidentType.INJURY,)
    assert record.date is None  # the tap is when it was told, perhaps days later
    assert len(record.victims) == len({one.about for one in entries})
    return record.harm


def test_what_nobody_answered_is_unknown() -> None:
    """Hurt, and nothing else: no treatment, no doctor and no paper are made up or denied."""
    assert harm(said()) == (Harm(HarmKind.PHYSICAL, victim="person-7001"),)


def test_the_last_answer_counts_and_injuries_stay_apart() -> None:
    """Not yet, then yes; and a second injury has answers of its own."""
    first, second = harm(
        said(("hurt", "bone"), ("treated", "nowhere"), ("examined", NO)),
        said(("certificate", NO), number="5"),
        said(("treated", "clinic")),
        said(("examined", YES)),
    )
    assert (first.description, first.where) == ("bone", "clinic")
    assert (first.treated, first.examined, first.certificate) == (True, True, None)
    assert (second.treated, second.examined, second.certificate) == (None, None, False)


def test_cut_down_for_others_nobody_is_given_the_injury_of_another() -> None:
    """A third says *the lawyer only*, so that numbers and words are left out of what stands."""
    entries = [
        said(("hurt", "bruise"), ("examined", NO)),
        said(("hurt", "head"), ("certificate", YES), number="4", by="person-7002"),
        said(("hurt", "eyes"), number="5", by="person-7003"),
    ]
    agreed = Identity(Consent.SAY_IT_HAPPENED, None, is_minor=False)
    refused = Identity(Consent.LAWYER_ONLY, None, is_minor=False)
    identities = {"person-7001": agreed, "person-7002": agreed, "person-7003": refused}
    sifted = sift(entries, identities, Terms(ExportLevel.CONFIDENTIAL))
    first, second = harm(*(one for one in sifted if one is not None))
    assert (first.victim, first.description, first.certificate) == ("person-7001", "bruise", None)
    assert (second.victim, second.description, second.examined) == ("person-7002", "head", None)


@given(hours=st.lists(st.integers(1, 700), unique=True, max_size=5), late=st.integers(0, 900))
def test_each_moment_is_told_at_most_once_and_only_to_whoever_asked(
    hours: list[int], late: int
) -> None:
    """After a moment has passed the next look is at a later one, or there is none."""
    law = LawRules((), tuple(Threshold(one * HOUR) for one in sorted(hours)))
    assert injuries.next_reminder(INJURY, law) is None
    asked = injuries.answered(INJURY, InjuryQuestion.REMIND, YES)
    now = NOW + late * HOUR
    after = injuries.next_reminder(injuries.passed(asked, law, now), law)
    assert after is None or after > now
    assert (after is None) == all(one <= late for one in hours)
    assert injuries.next_reminder(replace(asked, is_done=True), law) is None
    refused = injuries.answered(asked, InjuryQuestion.REMIND, NO)
    assert injuries.next_reminder(refused, law) is None


def test_without_the_lawyers_file_there_are_two_moments() -> None:
    """The next day and the third: moments to look, and no law."""
    asked = injuries.answered(INJURY, InjuryQuestion.REMIND, YES)
    assert injuries.next_reminder(asked, UNFILLED) == NOW + 24 * HOUR
    later = injuries.passed(asked, UNFILLED, NOW + 24 * HOUR)
    assert injuries.next_reminder(later, UNFILLED) == NOW + 72 * HOUR
