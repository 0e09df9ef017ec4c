"""A chat takes no more messages: boards show it at once, and organizers learn whom to call."""

from coordination import audience, board
from coordination.turns import Work
from safety.events import AFTER, Event
from safety.people import EventId, Recipient, Role, TeamId
from safety.team import TeamState
from safety.unreachable import GATHERED_FOR, TellUnreachable, Unreachable
from storage import chats, events, routes, team, timers


def note(work: Work, recipient: Recipient) -> None:
    """Let the boards show it, and have the organizers told of all that comes within a minute."""
    for route in routes.of_chat(work.tx, recipient.chat_id):
        board.refresh(work, route.event_id)
        telling = TellUnreachable(route.event_id)
        if not timers.is_set(work.tx, telling.key()):
            work.set_timer(work.now + GATHERED_FOR, telling, route.event_id)


def tell(work: Work, timer: TellUnreachable) -> None:
    """Tell the organizers, as soon as there is one who can be told.

    Unless everybody can be reached again, or the event is over.
    """
    if not count(work, timer.event_id):
        return
    if audience.writable(work, (Role.ORGANIZER,)):
        audience.tell_organizers(work, Unreachable(timer.event_id), timer.event_id)
    else:
        work.set_timer(work.now + GATHERED_FOR, timer, timer.event_id)


def count(work: Work, event_id: EventId | None) -> int:
    """Count who has to be called: of an event that is not over, or of the team."""
    if event_id is None:
        return len(of_the_team(work))
    event = look_event(work, event_id)
    is_over = event is None or work.now >= event.ends_at + AFTER
    return 0 if is_over else len(board.unreachable(work, event_id))


def of_the_team(work: Work) -> frozenset[TeamId]:
    """Give those of the team whose chats take nothing."""
    active = team.in_state(work.tx, TeamState.ACTIVE)
    found = ((person.id, routes.of_holder(work.tx, person.id)) for person in active)
    return frozenset(
        team_id
        for team_id, recipient in found
        if recipient is not None
        and chats.silence_reason(work.tx, recipient.chat_id) == chats.BLOCKED
    )


def look_event(work: Work, event_id: EventId) -> Event | None:
    """Give an event."""
    return events.get(work.tx, event_id)
