"""`/incidents`: numbers, a line each, and what was said only while the case can be read."""

from datetime import timedelta

import pytest

from coordination import incidents
from coordination.turns import Work
from handlers.reports import label_of
from handlers.texts import Texts
from safety.evidence import MediaKind
from safety.facts import Fact, FactKind
from safety.incidents import EntryKind, IncidentKind, IncidentState
from safety.people import EventId, Role
from safety.records import IncidentGroup
from safety.reports import Phase, ReportQuestion, choices
from storage.vault.keys import KeyKind
from tests.harness import World

TEXTS = Texts.load()


async def _record(world: World, event_id: EventId | None, count: int, words: str = "") -> None:
    def record(work: Work) -> None:
        for number in range(count):
            details = (("text", words),) if words else ()
            work.record(Fact(FactKind.REPORT, work.now, number + 1, event_id, details=details))
        incidents.record_facts(work)

    await world.change(record)


def test_whatever_can_be_recorded_can_be_shown() -> None:
    """No kind of fact, entry, state, answer or file lacks its words: a screen never breaks."""
    unshown = {EntryKind.IDENTITY, EntryKind.CUSTODY, EntryKind.RECORD}
    kinds = {*FactKind, *EntryKind} - unshown
    keys = [f"entry-{kind.value}" for kind in kinds]
    keys += [f"incident-kind-{kind.value}" for kind in IncidentKind]
    keys += [f"evidence-{kind.value}" for kind in MediaKind]
    for state in IncidentState:
        keys += [f"incident-line-{state.value}", f"incident-title-{state.value}"]
        keys.append(f"incidents-{state.value}")
    for phase in Phase:
        values = choices(ReportQuestion.QUICK, None, phase)
        keys += [label_of(ReportQuestion.QUICK, value) for value in values]
    for question in (ReportQuestion.GROUP, ReportQuestion.WHEN, ReportQuestion.CERTAINTY):
        keys += [f"report-{question.value}-{value}" for value in choices(question, None)]
    for group in IncidentGroup:
        found = choices(ReportQuestion.TYPE, group)
        keys += [f"dossier-type-{value.replace('_', '-')}" for value in found]
    TEXTS.require(keys)


MANY = 10  # records: more than one screen


async def test_an_organizer_turns_the_pages(world: World) -> None:
    """Many incidents stand on several pages, the newest first."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await _record(world, event.id, MANY)
    await aigul.writes("/incidents")
    assert not aigul.can_press("? 1 ")
    while not aigul.can_press("? 1 "):
        await aigul.presses("More ›")
    assert not aigul.can_press("More ›")
    while aigul.can_press("‹ Before"):
        await aigul.presses("‹ Before")
    assert aigul.can_press(f"? {MANY} ")


async def test_a_page_that_never_was_is_the_nearest_one(world: World) -> None:
    """A forged number of a page shows a page."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await _record(world, event.id, 1)
    for page in ("zzzz", "-1"):
        await aigul.forges(f"inp|{_base36(event.id)}|{page}")
    aigul.sees("What is recorded.\nEvening of tea")


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while number:
        number, digit = divmod(number, 36)
        written = digits[digit] + written
    return written


async def test_a_locked_case_shows_numbers_and_no_words(world: World) -> None:
    """Without the private half nobody reads; counting and confirming go on."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await _record(world, event.id, 1, "they threatened us")
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.CASE_PRIVATE))
    await aigul.writes("/incidents")
    await aigul.presses("? 1")
    aigul.sees("What was said is locked now")
    aigul.sees_nothing_of("threatened")
    await aigul.presses("Confirm that it happened")
    aigul.sees("it counts")


async def test_hostile_words_are_shown_as_words(world: World) -> None:
    """Tags, braces and turned text add nothing; a very long one is cut on the screen only."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await _record(world, event.id, 1, "<a href='x'>{number}</a>\u202e" + "я" * 5_000)
    await aigul.writes("/incidents")
    await aigul.presses("? 1")
    seen = aigul.sees("<a href='x'>{number}</a>")
    assert "<a" not in seen.html
    assert len(seen.text) < 4096
    assert seen.is_protected


async def test_incidents_without_an_event_are_a_list_of_their_own(world: World) -> None:
    """What the team reported before there was an event is found."""
    aigul = await world.has_organizer()
    await _record(world, None, 1, "a rally")
    await world.has_event()
    await aigul.writes("/incidents")
    await aigul.presses("Case and other events")
    await aigul.presses("Without an event")
    aigul.sees("What is recorded.\nWithout an event")
    assert aigul.can_press("? 1 ")


@pytest.mark.parametrize("role", [Role.STEWARD, Role.DEPUTY, Role.LAWYER, Role.MEDIC, Role.PRESS])
async def test_nobody_but_organizers_reads_or_judges(world: World, role: Role) -> None:
    """Neither by command nor by a forged press."""
    someone = await world.has_team_person("X", role)
    event = await world.has_event()
    await _record(world, event.id, 1, "they threatened us")
    (incident,) = await world.look(lambda tx: incidents.list_at(world.work(tx), event.id))
    await someone.writes("/incidents")
    number = _base36(incident.id)
    for press in (f"ish|{number}", f"ico|{number}|0", f"ifa|{number}"):
        await someone.forges(press)
    someone.sees_nothing_of("threatened")
    (still,) = await world.look(lambda tx: incidents.list_at(world.work(tx), event.id))
    assert still.state is IncidentState.UNCONFIRMED


async def test_the_screen_of_an_incident_goes_soon(world: World) -> None:
    """What people said does not stay on an organizer's phone."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await _record(world, event.id, 1, "they threatened us")
    await aigul.writes("/incidents")
    await aigul.presses("? 1")
    aigul.sees("threatened")
    await world.pass_time(timedelta(minutes=10))
    aigul.sees_nothing_of("threatened")
