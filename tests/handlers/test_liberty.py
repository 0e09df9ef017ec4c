"""Where somebody was held, and whether a lawyer was there: known, or asked with one tap."""

from coordination import incidents, questions, statements
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.detentions import LawyerPress
from safety.detentions import LawyerThere
from safety.incidents import Incident, IncidentKind
from safety.people import EventId
from safety.records import Harm, HarmKind
from safety.statements import Topic
from storage import detentions
from storage.transaction import Transaction
from tests.harness import World


def _incident(work: Work, event_id: EventId) -> Incident:
    found = incidents.list_at(work, event_id)
    (one,) = (one for one in found if one.kind is IncidentKind.DETENTION)
    return one


async def _liberty(world: World, event_id: EventId) -> list[Harm]:
    """Give what the record says of the liberty that was taken."""

    def read(tx: Transaction) -> list[Harm]:
        work = world.work(tx)
        record = statements.record_of(work, _incident(work, event_id))
        assert record is not None
        return [one for one in record.harm if one.kind is HarmKind.LIBERTY]

    return await world.look(read)


async def _open(world: World, event_id: EventId) -> tuple[Topic, ...]:
    def read(tx: Transaction) -> tuple[Topic, ...]:
        work = world.work(tx)
        asked = questions.of_incident(work, _incident(work, event_id))
        assert asked is not None
        return asked.topics

    return await world.look(read)


async def test_what_is_known_of_a_detention_stands_in_its_harm(world: World) -> None:
    """The station as it was told, the lawyer by one tap, each with whoever told it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    assert Topic.HARM in await _open(world, event.id)
    await team.lawyer.presses("Transferred")
    await team.lawyer.writes("Station 3, Abay street")
    await team.lawyer.presses("Show")
    team.lawyer.sees("A lawyer with them: nobody knows.")
    for _ in range(2):
        await team.lawyer.presses("Lawyer: no")
        team.lawyer.is_told("Noted.")
    team.lawyer.sees("A lawyer with them: no.")
    (harm,) = await _liberty(world, event.id)
    assert (harm.where, harm.lawyer_present) == ("Station 3, Abay street", False)
    assert [one.source.split(" ")[0] for one in harm.said] == ["lawyer", "lawyer"]
    assert Topic.HARM not in await _open(world, event.id)
    await team.organizer.presses("Show")
    await team.organizer.presses("Lawyer: yes")
    (harm,) = await _liberty(world, event.id)
    assert harm.lawyer_present is None
    await team.organizer.presses("Not known")
    (harm,) = await _liberty(world, event.id)
    assert harm.lawyer_present is False


async def test_what_is_not_known_is_asked_among_the_open_questions(world: World) -> None:
    """Without asking anew what kind of harm it was; who only saw it knows no station."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, "Aliya")
    await team.steward.writes("/mark")
    await team.steward.presses("Aliya")
    await team.steward.presses("They were taken")
    await team.steward.writes("side door")
    (harm,) = await _liberty(world, event.id)
    assert (harm.where, harm.lawyer_present, harm.said) == (None, None, ())
    await team.organizer.writes("/incidents")
    await team.organizer.presses("? 1")
    await team.organizer.presses("Open questions")
    await team.organizer.presses("What harm")
    await team.organizer.presses("Skip")
    await team.organizer.writes("Station 3")
    await team.organizer.presses("yes")
    await team.organizer.presses("I saw it")
    told = await _liberty(world, event.id)
    assert [(one.where, one.lawyer_present) for one in told] == [(None, None), ("Station 3", True)]
    assert Topic.HARM not in await _open(world, event.id)


async def test_nobody_else_says_whether_a_lawyer_was_there(world: World) -> None:
    """A forged press of a medic or a participant changes nothing."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/taken")
    (held,) = await world.look(detentions.unclosed)
    for someone in (team.medic, team.deputy, bota):
        await someone.forges(pack(LawyerPress(held.id, LawyerThere.YES)))
    (held,) = await world.look(detentions.unclosed)
    assert held.lawyer_there is LawyerThere.UNKNOWN
