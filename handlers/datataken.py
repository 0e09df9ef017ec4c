"""What was taken, in chat: a list to tap, in one message that goes by itself; nothing is typed."""

from functools import partial
from zoneinfo import ZoneInfo

from coordination import datataken, detentions
from coordination.whois import find_teammate
from handlers import paging
from handlers.buttons.datataken import DataOf, DataOwn, Way
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from safety.datataken import DataAsked, DataItem, DataTicked, Taking, is_shown, items_in, mask_of
from safety.detentions import Detention
from safety.errors import OutdatedError
from safety.notices import Say
from safety.paging import cut
from safety.people import EventId, Role
from safety.registration import Consent

_LAST = 2  # buttons: *Done*, once something is ticked, and *Cancel*


def press_of(request: Request, press: DataOf) -> str | None:
    """Show the list of a detention, tick on it, or note what is ticked."""
    detention = detentions.look(request.turn, press.detention_id)
    if detention is None:
        raise OutdatedError
    event_id, number = detention.event_id, detention.id
    if press.way is Way.DONE:
        datataken.note_for(request.turn, number, items_in(press.mask))
    _go_on(request, press, event_id, number)
    return None


def press_own(request: Request, press: DataOwn) -> str | None:
    """Show one's own list, tick on it, or note what is ticked."""
    event_id = EventId(press.event_id)
    if press.way is Way.DONE:
        datataken.note_own(request.turn, event_id, items_in(press.mask))
    _go_on(request, press, event_id, 0)
    return None


def _go_on(
    request: Request, press: DataOf | DataOwn, event_id: EventId | None, number: int
) -> None:
    """Show the list; once it is noted or given up, that stands in its place, not to be pressed."""
    match press.way:
        case Way.OPEN:
            request.turn.tell(DataAsked(event_id, number), event_id)
        case Way.TICK:
            request.turn.reply(DataTicked(event_id, number, press.mask, press.page), event_id)
        case Way.DONE:
            request.turn.reply(Say("data-taken-noted"))
        case Way.CANCEL:
            request.turn.reply(Say("cancelled"))


def render_asked(showing: Showing, notice: DataAsked | DataTicked) -> Screen | None:
    """Show the list, with what is ticked."""
    last = [showing.button("button-cancel", _press(notice, Way.CANCEL, 0))]
    if items_in(notice.mask):
        done = _press(notice, Way.DONE, notice.mask)
        last.insert(0, showing.button("data-taken-done", done))
    page = cut(tuple(DataItem), notice.page, beside=_LAST)
    items = ((_item_button(showing, notice, item),) for item in page.items)
    turns = paging.turns(showing, page, partial(_press, notice, Way.TICK, notice.mask))
    return Screen(showing.say("data-taken-ask"), (*items, *turns, tuple(last)))


def _item_button(showing: Showing, notice: DataAsked | DataTicked, item: DataItem) -> Press:
    bit, label = mask_of((item,)), showing.plain(f"data-item-{item.value}")
    key = "data-taken-ticked" if notice.mask & bit else "data-taken-open"
    tick = _press(notice, Way.TICK, notice.mask ^ bit, notice.page)
    return showing.button(key, tick, item=label)


def _press(notice: DataAsked | DataTicked, way: Way, mask: int, page: int = 0) -> DataOf | DataOwn:
    if notice.detention_id:
        return DataOf(notice.detention_id, way, mask, page)
    return DataOwn(notice.event_id or 0, way, mask, page)


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
