"""What was asked for with a role is shown with that role, and to nobody who has lost it since."""

from collections.abc import Sequence
from datetime import timedelta

from coordination.freezing import freeze
from handlers.buttons import pack
from handlers.buttons.choosing import EventChoicePage
from handlers.rendering import render
from safety.additions import AdditionsBrought
from safety.decisions import DecisionAsked
from safety.exporting import CaseGiven, ExportLevel
from safety.incidents import IncidentId, IncidentList, IncidentNews, IncidentScreen
from safety.invitations import InvitationList
from safety.ledger import LedgerScreen
from safety.notices import Notice
from safety.people import PersonId, Standing
from safety.proposals import ProposalList
from safety.questions import IncidentQuestions, StatementList, StatementScreen, WeekQuestions
from safety.registration import PeopleNames, PeopleOverview, PersonCard
from safety.team import FreezeList, TeamCard, TeamList
from safety.threats import ThreatBoard, ThreatUpdate
from safety.waking import WakeNames
from storage import incidents
from storage.disclosure import outline_at
from storage.transaction import Transaction
from tests.handlers.test_disclosure import has_plan
from tests.harness import Someone, World


async def test_a_frozen_organizers_screens_are_put_into_words_no_more(world: World) -> None:
    """Asked for, then frozen, then sent: signs, ledger, questions, records and names stay here.

    So do the names of colleagues, and that a case has left.
    """
    team, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("A rally calls for violence.")
    place = await world.look(lambda tx: outline_at(tx, event.id))
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    assert place is not None
    assert aliya.person_id is not None
    assert team.organizer.team_id is not None
    number = IncidentId(incident.id)
    asked: Sequence[Notice] = (
        ThreatBoard(event.id),
        ThreatUpdate(event.id),
        DecisionAsked(event.id),
        LedgerScreen(place.id),
        WeekQuestions(),
        IncidentQuestions(number),
        StatementList(number),
        StatementScreen(number, 0),
        IncidentList(event.id),
        IncidentScreen(number),
        IncidentNews(number),
        PeopleOverview(event.id),
        PeopleNames(event.id, Standing.APPROVED),
        PersonCard(PersonId(aliya.person_id)),
        TeamList(),
        TeamCard(team.organizer.team_id),
        FreezeList(),
        WakeNames(),
        ProposalList(),
        InvitationList(event.id),
        AdditionsBrought(event.id, "N.", 1, 1),
        CaseGiven(ExportLevel.LAWYER, 1, is_sealed=False),
    )
    assert await _shown(world, team.organizer, asked) == [True] * len(asked)
    frozen = team.organizer.team_id
    await world.do(team.second, lambda turn: freeze(turn, frozen))
    assert await _shown(world, team.organizer, asked) == [False] * len(asked)


async def test_whoever_knows_one_event_learns_of_no_other_by_a_forged_button(world: World) -> None:
    """The pages of a choice are for whoever may use the command that asks: titles, and days."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_event(starts_in=timedelta(days=9))
    aliya = await world.has_participant(event, "Aliya")
    for command in ("board", "venue", "help", "sos", "nothing"):
        await aliya.forges(pack(EventChoicePage(command, 0)))
        aliya.sees_nothing_of("Which one?")
    await team.organizer.forges(pack(EventChoicePage("board", 0)))
    assert len(team.organizer.sees("Which one?").labels) == 2 + 1


async def _shown(world: World, someone: Someone, asked: Sequence[Notice]) -> list[bool]:
    def look(tx: Transaction) -> list[bool]:
        work, to = world.work(tx), someone.recipient
        screens = (render(work, world.table, world.texts, to, one) for one in asked)
        return [screen is not None for screen in screens]

    return await world.look(look)
