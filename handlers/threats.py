"""`/threats`: signs before an event in numbers, the newest on a tap, and what is decided.

The screen holds kinds and numbers, no word of what was said: that stands behind each number.
"""

from coordination import threats
from coordination.threats import Board, Signs
from handlers import closing, decisions
from handlers.buttons import pack
from handlers.buttons.choosing import EventPress
from handlers.buttons.incidents import IncidentPage, ShowIncident
from handlers.buttons.threats import ThreatsPress
from handlers.choosing import with_event
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from handlers.statementwords import choice_key
from safety.people import EventId
from safety.threats import Sign, ThreatBoard, ThreatUpdate

SHOWN = 3  # signs on the screen: with what can be decided, eight buttons


def show(request: Request) -> None:
    """Show the board of the event that is meant."""
    with_event(request, "threats", show_for)


def show_for(request: Request, event_id: EventId) -> None:
    """Show an event's board at the bottom of the chat."""
    threats.open_board(request.turn, event_id)


def press_board(request: Request, press: ThreatsPress) -> str | None:
    """Show an event's board at the bottom of the chat."""
    show_for(request, EventId(press.event_id))
    return None


def render_board(showing: Showing, notice: ThreatBoard | ThreatUpdate) -> Screen | None:
    """Show the numbers, the decision in force, and the newest signs as buttons."""
    board = threats.look(showing.work, notice.event_id)
    if board is None:
        return None
    event = board.event
    day, time = (
        showing.day(event.starts_at, event.tzinfo),
        showing.time(event.starts_at, event.tzinfo),
    )
    lines = [showing.say("threats-title", title=event.title, day=day, time=time), ""]
    lines += [*_number_lines(showing, board), "", *decisions.lines(showing, board)]
    if board.earlier:
        lines += ["", *(_earlier_line(showing, one) for one in board.earlier)]
    updated = showing.time(showing.work.now, event.tzinfo)
    how = (showing.say("threats-how"),) if board.signs.found else ()  # else it is told already
    lines += ["", *how, showing.say("threats-updated", time=updated)]
    return Screen("\n".join(lines), _rows(showing, board))


def _number_lines(showing: Showing, board: Board) -> list[str]:
    signs, numbers = board.signs, board.signs.numbers
    if not signs.found:
        return [showing.say("threats-none")]
    total = "threats-total" if signs.is_read else "threats-unread"
    lines = [
        showing.count(total, numbers.total),
        showing.count("threats-lately", numbers.lately),
        showing.count("threats-confirmed", numbers.confirmed),
        showing.count("threats-unconfirmed", numbers.unconfirmed),
    ]
    if not signs.is_whole:
        lines.append(showing.say("threats-older", number=signs.looked_at))
    if not signs.is_read:
        return [*lines, closing.unreadable(showing, board.event.id)]
    ways = (
        showing.say(f"threats-known-{way or 'not-said'}", number=number)
        for way, number in numbers.known
    )
    return [*lines, showing.say("threats-known", ways=", ".join(ways))]


def _earlier_line(showing: Showing, signs: Signs) -> str:
    numbers, event = signs.numbers, signs.event
    key = "threats-earlier" if signs.is_read else "threats-earlier-unread"
    line = showing.count(
        key,
        numbers.total,
        title=showing.plain("incidents-team") if event is None else event.title,
        day="" if event is None else showing.day(event.starts_at, event.tzinfo),
        confirmed=numbers.confirmed,
    )
    if signs.is_whole:
        return line
    return f"{line} {showing.say('threats-older', number=signs.looked_at)}"


def _rows(showing: Showing, board: Board) -> Rows:
    signs = ((_sign(showing, board, one),) for one in board.signs.found[:SHOWN])
    event_id = board.event.id
    last = (
        showing.button("button-threats-all", IncidentPage(event_id, 0)),
        showing.button("menu-venue", EventPress("venue", event_id)),
    )
    return (*decisions.rows(showing, board), *signs, last)


def _sign(showing: Showing, board: Board, sign: Sign) -> Press:
    zone, incident = board.event.tzinfo, sign.incident
    label = showing.plain(
        f"incident-line-{incident.state.value}",
        number=incident.number,
        kind=_kind(showing, sign),
        day=showing.day(sign.at, zone),
        time=showing.time(sign.at, zone),
    )
    return Press(label, pack(ShowIncident(incident.id)))


def _kind(showing: Showing, sign: Sign) -> str:
    """Call a sign by the most exact word that was said of it."""
    if sign.types:
        return showing.plain(choice_key("type", sign.types[0]))
    if sign.groups:
        return showing.plain(f"report-group-{sign.groups[0].value}")
    if sign.said_at is None:
        return showing.plain("threats-held")
    return showing.plain(f"incident-kind-{sign.incident.kind.value}")
