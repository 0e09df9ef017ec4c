"""No screen is too long to be looked through under stress, however much there is to show.

Every test holds each screen that it sees to that (`has_few_buttons`). Here everything there is to
list exists many times over, and all that can be written or pressed is.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coordination.incidents import record_facts
from coordination.turns import Work
from handlers.routes import BUTTONS, TABLE
from safety.alarmnotices import AlarmVoices
from safety.alarms import TakenBack
from safety.choosing import EventChoice
from safety.complaints import ComplaintChoice, ComplaintList, ComplaintSteps
from safety.datataken import DataAsked
from safety.detentions import DetentionList, MarkNames
from safety.events import EventList
from safety.facts import Fact, FactKind
from safety.groups import GroupList, GroupPick
from safety.incidents import IncidentList, IncidentMore
from safety.injuries import InjuryList
from safety.invitations import InvitationList
from safety.menu import Menu
from safety.people import EventId, Standing
from safety.permissions import ALLOWED
from safety.proposals import ProposalList
from safety.questions import StatementList, WeekQuestions
from safety.registration import PeopleNames
from safety.retention import PurgeList
from safety.team import FreezeList, TeamList
from storage.alarms import ALARMS
from storage.complaints import COMPLAINTS
from storage.detentions import DETENTIONS
from storage.groups import GROUPS
from storage.injuries import INJURIES
from storage.invitations import INVITATIONS
from storage.people import PEOPLE
from storage.proposals import PROPOSALS
from storage.sealed import R, Shelf
from storage.team import TEAM
from tests.handlers.test_locked_table import Scene, has_everything, message, press
from tests.harness import World

LISTS = {
    *(AlarmVoices, ComplaintChoice, ComplaintList, ComplaintSteps, DataAsked, DetentionList),
    *(EventChoice, EventList, FreezeList, GroupList, GroupPick, IncidentList, IncidentMore),
    *(InjuryList, InvitationList, MarkNames, Menu, PeopleNames, ProposalList, PurgeList, TeamList),
    *(StatementList, WeekQuestions),
}
MANY = 9  # of each: more than a screen has room for


def _multiply(work: Work, shelf: Shelf[R], change: Callable[[R], R] = lambda row: row) -> None:
    """Let there be many of what there is one of."""
    (first, *_) = shelf.find(work.tx, "1 = 1")
    for _ in range(MANY):
        shelf.put(work.tx, replace(change(first), id=work.tx.new_id()))  # type: ignore[type-var] # all rows are dataclasses


def _fill(work: Work, event_id: EventId) -> None:
    _multiply(work, TEAM)
    _multiply(work, INVITATIONS)
    _multiply(work, GROUPS)
    _multiply(work, DETENTIONS)
    _multiply(work, INJURIES)
    _multiply(work, COMPLAINTS)
    _multiply(work, PROPOSALS)
    for standing in Standing:
        _multiply(work, PEOPLE, lambda person, to=standing: replace(person, standing=to))  # type: ignore[misc] # defaults
    for alarm in ALARMS.find(work.tx, "1 = 1"):
        safe = replace(alarm.callers[0], taken_back=TakenBack.SAFE, taken_back_at=work.now)
        ALARMS.put(work.tx, replace(alarm, callers=(safe,) * MANY))
    for number in range(MANY):
        work.record(Fact(FactKind.REPORT, work.now, number + 1, event_id))
    record_facts(work)


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Scene]:
    """Let many of everything exist."""
    async with World(tmp_path) as world:
        scene = await has_everything(world)
        for _ in range(MANY):
            await world.has_event()
        event_id = EventId(scene.ids["event_id"][0])
        await world.change(lambda work: _fill(work, event_id))
        ids = {name: found[:1] for name, found in scene.ids.items()}
        _, second, _, steward, lawyer, medic, aliya, *_ = scene.people
        yield Scene(world, (second, steward, lawyer, medic, aliya), ids)


async def test_however_much_there_is_no_screen_is_longer(crowd: Scene) -> None:
    """Whatever anybody writes or presses."""
    roles = [(await crowd.world.do(one, lambda turn: turn.actor)).roles for one in crowd.people]
    for someone, own in zip(crowd.people, roles, strict=True):
        for command in TABLE.commands:
            if own & ALLOWED[command.action]:
                await crowd.hears(message(someone, {"text": f"/{command.name}"}))
    for button in BUTTONS:
        pressing = [
            someone
            for someone, own in zip(crowd.people, roles, strict=True)
            if own & ALLOWED[button.action]
        ]
        for payload in crowd.payloads(button.kind):
            for someone in pressing[:1]:
                await crowd.hears(press(someone, payload))
    assert crowd.shown >= LISTS
