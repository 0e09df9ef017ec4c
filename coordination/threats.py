"""The board of signs: read anew each time it is shown, from what was said of each incident.

While a case is locked or closed, reports and the place are counted, and what they say is unread.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coordination.turns import Turn, Work, use_case
from safety import threats as rules
from safety.additions import deciding
from safety.decisions import Decision
from safety.errors import OutdatedError
from safety.events import Event
from safety.incidents import Incident
from safety.people import EventId, Unprinted
from safety.permissions import Action
from safety.statements import standing
from safety.threats import Numbers, Sign, ThreatBoard, ThreatUpdate
from storage import casekeys, disclosure, events, incidents, messages
from storage.disclosure import Outline
from storage.sealed import UNREADABLE

EARLIER = 3  # events before this one that the board counts
# Records that are opened at one look, the newest: meanwhile nothing else is put into words, an
# alarm neither. `make bench` says how long that takes at most.
LOOKED_AT = 60
LOOKED_BACK_AT = 15  # of each earlier event, and of the team without one


@dataclass(frozen=True, slots=True, repr=False)
class Signs(Unprinted):
    """What points to trouble at one event; None: without an event. The newest comes first.

    `is_read` False: the case is locked or closed, so these are reports and the place, unread.
    `is_whole` False: there are older records than the `looked_at` that were looked at.
    """

    event: Event | None
    found: tuple[Sign, ...]
    numbers: Numbers
    is_read: bool
    is_whole: bool
    looked_at: int


@dataclass(frozen=True, slots=True, repr=False)
class Board(Unprinted):
    """What organizers decide from. `fresh` counts what is new since the decision in force."""

    event: Event
    signs: Signs
    earlier: tuple[Signs, ...]
    decision: Decision | None
    fresh: int
    place: Outline | None  # the one that holds, else the one that waits for a second person


@use_case(Action.DECIDE)
def open_board(turn: Turn, event_id: EventId) -> None:
    """Show the board at the bottom of the chat; while it stands there it is kept up to date.

    Raises:
        OutdatedError: there is no such event.
    """
    if events.get(turn.tx, event_id) is None:
        raise OutdatedError
    turn.tell(ThreatBoard(event_id), event_id)


def look(work: Work, event_id: EventId) -> Board | None:
    """Give the board as it stands now, or None where there is no such event."""
    event = events.get(work.tx, event_id)
    if event is None:
        return None
    signs = signs_at(work, event)
    decision = event.decision
    return Board(
        event=event,
        signs=signs,
        earlier=tuple(one for one in _earlier(work, event) if one.found),
        decision=decision,
        fresh=0 if decision is None else rules.since(signs.found, decision),
        place=disclosure.outline_at(work.tx, event_id),
    )


def signs_at(work: Work, event: Event | None, most: int = LOOKED_AT) -> Signs:
    """Read the signs of one event, or of the team without one, in so many of its records."""
    event_id = None if event is None else event.id
    is_read = casekeys.can_read(work.tx, event_id)
    read = _reader(work) if is_read else rules.at_first_sight
    every = incidents.at_event(work.tx, event_id)
    found = (read(one) for one in every[-most:])
    signs = rules.newest_first(one for one in found if one is not None)
    numbers, is_whole = rules.count(signs, work.now), len(every) <= most
    return Signs(event, signs, numbers, is_read, is_whole, most)


def refresh(work: Work, event_id: EventId | None) -> None:
    """Owe an edit to everybody in whose chat the board of this event stands."""
    if event_id is not None:
        for recipient in messages.chats_with(work.tx, rules.board_card(event_id)):
            work.owe(recipient, ThreatUpdate(event_id), event_id)


def follow_facts(work: Work) -> None:
    """Let boards show whatever has just been stated to have happened."""
    for event_id in {fact.event_id for fact in work.facts}:
        refresh(work, event_id)


def _reader(work: Work) -> Callable[[Incident], Sign | None]:
    """Read incidents; a damaged one is counted as it looks, and keeps nobody from a decision."""

    def read(incident: Incident) -> Sign | None:
        try:
            stored = incidents.entries(work.tx, incident)
        except UNREADABLE:
            return rules.at_first_sight(incident)
        leaves = [one.committed.leaf for one in stored]
        stands = standing([one.entry for one in stored], leaves)
        return rules.sign_of(incident, deciding(incident, stands))

    return read


def _earlier(work: Work, event: Event) -> Iterable[Signs]:
    """Read what was known without an event, and at the last ones before this one."""
    last = events.before(work.tx, event.starts_at, EARLIER)
    return (signs_at(work, one, LOOKED_BACK_AT) for one in (None, *last))
