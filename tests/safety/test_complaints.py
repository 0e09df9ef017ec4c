"""When a complaint is due, what comes next, and what the bot can see to disagree: rules alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import complaints, replies
from safety.cases import Identity
from safety.complaints import Complaint, DueDay
from safety.exporting import ExportLevel, Terms, sift
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind
from safety.lawrules import UNFILLED, Deadline, LawRules
from safety.records import (
    CaseState,
    Evidence,
    EvidenceKind,
    IncidentType,
    Record,
)
from safety.registration import Consent
from safety.replies import Disagreement, Reply, Says
from safety.taxonomy import ActorKind

ZONE = ZoneInfo("Asia/Almaty")
DAY = timedelta(days=1)
MAY = date(2027, 5, 26)
NOW = datetime(2027, 5, 26, 5, tzinfo=UTC)
LAW = LawRules((), (), (Deadline(ActorKind.POLICE, CaseState.FILED, 30 * DAY),))
WEB = Evidence(EvidenceKind.WEB_ADDRESS, address="https://m.youtube.com/watch?v=1")
VIDEO = Evidence(EvidenceKind.VIDEO, 17)


def made(until: date | None = None) -> Complaint:
    """Give a complaint to the police, filed on a day in May."""
    due = () if until is None else (DueDay(until, CaseState.FILED),)
    return Complaint(
        *(1, None, 1, 1, ActorKind.POLICE, None, None, CaseState.FILED, MAY, NOW), due=due
    )


def reply(said: Reply) -> Entry:
    """Give the entry of a reply to the first complaint."""
    details = (("complaint", "1"), *replies.reply_details(said))
    return Entry(4, EntryKind.COMPLAINT_REPLY.value, NOW, details=details)


def test_a_day_follows_from_the_lawyers_file_and_from_nothing_else() -> None:
    """No rule, no day: the bot knows no law."""
    state = CaseState.FILED
    assert complaints.due_day(LAW, ActorKind.POLICE, state, MAY) == date(2027, 6, 25)
    assert complaints.due_day(LAW, ActorKind.UNKNOWN, state, MAY) is None
    assert complaints.due_day(UNFILLED, ActorKind.POLICE, state, MAY) is None


@given(days=st.integers(-400, 4000), told=st.integers(0, 4000 * 24))
def test_somebody_is_told_in_time_and_never_twice_of_the_same(days: int, told: int) -> None:
    """Whatever was told, the next look is later than that, and none is after the day is over."""
    complaint = replace(made(MAY + days * DAY), told_until=NOW + timedelta(hours=told))
    over = datetime.combine(MAY + (days + 1) * DAY, complaints.HOUR, ZONE)
    due = complaints.next_look(complaint, ZONE)
    assert due is not None
    assert due <= over
    assert due == over or due > complaint.told_until
    assert complaints.is_over(complaint, ZONE, due) == (due == over)
    missed = complaints.miss(complaint, due)
    assert complaints.next_look(missed, ZONE) is None
    assert not complaints.is_over(missed, ZONE, due + 999 * DAY)


def test_a_next_step_ends_the_day_and_what_was_missed_stays() -> None:
    """An open day goes with its step; a missed one stays beside the new step's."""
    open_ = complaints.stepped(made(MAY), CaseState.REGISTERED, MAY, LAW)
    assert open_.due == ()
    missed = complaints.miss(made(MAY), NOW)
    later = complaints.stepped(missed, CaseState.DELAYED, MAY, LAW)
    assert [one.missed_at for one in later.due] == [NOW]
    assert later.standing is None
    again = complaints.stepped(later, CaseState.FILED, MAY, LAW)
    assert again.due == (DueDay(date(2027, 6, 25), CaseState.FILED),)


def test_the_missed_and_the_next_come_first() -> None:
    """Then what has no day."""
    none, late, soon = made(), made(MAY + 9 * DAY), made(MAY + DAY)
    missed = complaints.miss(made(MAY + 99 * DAY), NOW)
    assert complaints.in_order([none, late, soon, missed]) == [missed, soon, late, none]


@pytest.mark.parametrize("state", list(CaseState))
def test_every_step_leads_on_and_to_every_other(state: CaseState) -> None:
    """There is always a likely next one, and the rest can be said as well."""
    likely, others = complaints.likely(state), complaints.others(state)
    assert likely
    assert sorted((*likely, *others, state)) == sorted(CaseState)


def test_what_two_sides_have_stated_is_proposed() -> None:
    """Each of the four things that the bot can see by itself."""
    record = Record(4, types=(IncidentType.DEATH_THREAT,), evidence=(VIDEO, WEB))
    handed = Entry(
        *(4, EntryKind.HANDED_OVER.value, NOW, None, None),
        (("complaint", "1"), ("number", "17")),
    )
    said = [reply(Reply(tuple(Says), words="В сети Facebook ничего нет")), handed]
    found = {one.text for one in replies.proposed(record, said, 1)}
    assert found == {
        f"reply: searched_a_platform (Facebook); evidence: {WEB.address}; shows: another_platform",
        f"reply: no_threats_found; evidence: 17, {WEB.address}; shows: threats",
        "reply: everyone_was_protected; evidence: 17; shows: no_protection",
        "reply: no_evidence_received; evidence: 17; shows: it_was_handed_over",
    }


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(4, evidence=(WEB,)), Reply((Says.SEARCHED,), "YouTube")),
        (
            Record(4, evidence=(replace(WEB, address="https://example.org/youtube.com"),)),
            Reply((Says.SEARCHED,), "YouTube"),
        ),
        (Record(4, types=(IncidentType.DEATH_THREAT,)), Reply((Says.NO_THREATS,))),
        (Record(4, evidence=(VIDEO,)), Reply((Says.NO_THREATS,))),
        (Record(4, evidence=(VIDEO,)), Reply((Says.PROTECTED,), files=(17,))),
        (Record(4, evidence=(VIDEO,)), Reply((Says.NO_EVIDENCE, Says.NO_OFFENCE))),
    ],
    ids=["same", "elsewhere", "no evidence", "no threat", "the reply itself", "not handed over"],
)
def test_nothing_is_made_up(record: Record, said: Reply) -> None:
    """Where one side was not stated, or agrees, nothing is proposed."""
    assert replies.proposed(record, [reply(said)], 1) == []
    assert replies.proposed(record, [reply(said)], 2) == []


def test_a_disagreement_is_written_and_read_back(  # also with words that look like its parts
) -> None:
    """Somebody's own words stay their own."""
    found = Disagreement(Says.PROTECTED, (3, 4), "they laughed; shows: nothing", None, "geo:1,2")
    entry = Entry(4, EntryKind.DISAGREEMENT.value, NOW, details=found.details)
    read = replies.disagreement_of(entry)
    assert read is not None
    assert read.text == found.text
    assert replies.parts_of(found.text) == (
        *("everyone_was_protected", "3, 4, geo:1,2"),
        "they laughed; shows: nothing",
    )
    cut = replace(entry, details=(("says", Says.PROTECTED.value),))
    assert replies.disagreement_of(cut) is None


def test_what_was_handed_over_stays_with_its_complaint_in_a_confidential_case() -> None:
    """Its hashes are left out there, and of two complaints it is still the first one's."""

    def entry(what: str, *details: tuple[str, str], by: str = "lawyer-1") -> Entry:
        return Entry(4, what, NOW, by, None, details)

    first, second = ("complaint", "1"), ("complaint", "2")
    said = [
        entry(FactKind.REPORT.value, ("text", "They came."), by="person-7"),
        entry(EntryKind.FILE_OWED.value, ("id", "5"), ("number", "17")),
        entry(EntryKind.COMPLAINT.value, first, ("state", "filed"), ("authority", "police")),
        entry(EntryKind.COMPLAINT.value, second, ("state", "archived")),
        entry(EntryKind.HANDED_OVER.value, first, ("number", "17"), ("sha256", "ab" * 32)),
    ]
    identities = {"person-7": Identity(Consent.SAY_IT_HAPPENED, None, is_minor=False)}
    sifted = sift(said, identities, Terms(ExportLevel.CONFIDENTIAL))
    filed, archived = replies.steps([one for one in sifted if one is not None])
    assert (filed.handed_over, archived.handed_over) == ((17,), ())
