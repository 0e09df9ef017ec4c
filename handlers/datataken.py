"""What was taken, in chat: a list to tap, in one message that goes by itself; nothing is typed."""

from zoneinfo import ZoneInfo

from coordination import datataken, detentions
from coordination.whois import find_teammate
from handlers.buttons.datataken import DataOf, DataOwn, Way
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from safety.datataken import DataAsked, DataItem, DataTicked, Taking, is_shown, items_in, mask_of
from safety.detentions import Detention
from safety.errors import OutdatedError
from safety.notices import Say
from safety.people import EventId, Role
from safety.registration import Consent

Rows = tuple[tuple[Press, ...], ...]


def press_of(request: Request, press: DataOf) -> str | None:
    """Show the list of a detention, tick on it, or note what is ticked."""
    detention = detentions.look(request.turn, press.detention_id)
    if detention is None:
        raise OutdatedError
    event_id, number = detention.event_id, detention.id
    if press.way is Way.DONE:
        datataken.note_for(request.turn, number, items_in(press.mask))
        _note_done(request)
    elif press.way is Way.OPEN:
        request.turn.tell(DataAsked(event_id, number), event_id)
    else:
        request.turn.reply(DataTicked(event_id, number, press.mask), event_id)
    return None


def press_own(request: Request, press: DataOwn) -> str | None:
    """Show one's own list, tick on it, or note what is ticked."""
    event_id = EventId(press.event_id)
    if press.way is Way.DONE:
        datataken.note_own(request.turn, event_id, items_in(press.mask))
        _note_done(request)
    elif press.way is Way.OPEN:
        request.turn.tell(DataAsked(event_id), event_id)
    else:
        request.turn.reply(DataTicked(event_id, 0, press.mask), event_id)
    return None


def _note_done(request: Request) -> None:
    """Put the answer in the place of the list: it cannot be pressed twice."""
    request.turn.reply(Say("data-taken-noted"))


def render_asked(showing: Showing, notice: DataAsked | DataTicked) -> Screen | None:
    """Show the list, with what is ticked."""
    rows: Rows = tuple((_item_button(showing, notice, item),) for item in DataItem)
    if items_in(notice.mask):
        done = showing.button("data-taken-done", _press(notice, Way.DONE, notice.mask))
        rows = ((done,), *rows)
    return Screen(showing.say("data-taken-ask"), rows)


def _item_button(showing: Showing, notice: DataAsked | DataTicked, item: DataItem) -> Press:
    bit, label = mask_of((item,)), showing.plain(f"data-item-{item.value}")
    key = "data-taken-ticked" if notice.mask & bit else "data-taken-open"
    return showing.button(key, _press(notice, Way.TICK, notice.mask ^ bit), item=label)


def _press(notice: DataAsked | DataTicked, way: Way, mask: int) -> DataOf | DataOwn:
    if notice.detention_id:
        return DataOf(notice.detention_id, way, mask)
    return DataOwn(notice.event_id or 0, way, mask)


# ---------------------------------------------------------------- behind *Show*


def taken_lines(
    showing: Showing, detention: Detention, consent: Consent | None, zone: ZoneInfo | None
) -> list[str]:
    """Give what each source says was taken, as far as the person's word lets this reader know."""
    actor = showing.actor
    if not detention.takings:
        return []
    if not is_shown(consent, is_lawyer=actor.team_role is Role.LAWYER):
        return [showing.say("data-taken-withheld")]
    return [_taken_line(showing, one, zone) for one in detention.takings]


def _taken_line(showing: Showing, taking: Taking, zone: ZoneInfo | None) -> str:
    items = ", ".join(showing.plain(f"data-item-{item.value}") for item in taking.items)
    time = showing.time(taking.at, zone)
    if taking.by is None:
        return showing.say("data-taken-own", time=time, items=items)
    by = find_teammate(showing.work, taking.by)
    name = (by.name if by is not None else "") or showing.plain("unknown")
    return showing.say("data-taken-told", time=time, name=name, items=items)
