"""What tests about records do again and again: report, open what is asked, look at it."""

from safety.incidents import Entry, Incident
from safety.people import EventId
from storage import incidents
from tests.harness import Someone, World


async def reports(someone: Someone, words: str = "They stood at the door.") -> None:
    """Let somebody report in words alone."""
    await someone.writes("/report")
    await someone.writes(words)
    await someone.presses("Done")


async def opens_questions(someone: Someone, number: int = 1) -> None:
    """Let an organizer look at what is open in a record."""
    await someone.writes("/incidents")
    await someone.presses(f" {number} · ")
    await someone.presses("Open questions")


async def incidents_at(world: World, event_id: EventId | None) -> list[Incident]:
    """Give the incidents of an event, or those without one."""
    return await world.look(lambda tx: incidents.at_event(tx, event_id))


async def said_of(world: World, incident: Incident) -> list[Entry]:
    """Give what was said of an incident, in the order in which it came."""
    return await world.look(lambda tx: [one.entry for one in incidents.entries(tx, incident)])
