"""Check-ins in chat: "Noted 18:04.", whatever was pressed and however often; never "you are safe".

After the end people are asked whether they got home, and on the third day how they are.
"""

from functools import partial

from coordination import checkins, datataken
from coordination.checkins import OwnState
from handlers import injuries, paging, reportlinks
from handlers.buttons.alarms import SosPress
from handlers.buttons.checkins import (
    CheckInPress,
    FinePress,
    MarkSeen,
    SilentNamesPage,
    SilentNamesPress,
)
from handlers.buttons.datataken import DataOwn
from handlers.buttons.groups import RidePress
from handlers.buttons.menu import MenuEntry
from handlers.buttons.reports import VisitPress
from handlers.context import Request, Showing
from handlers.disclosure import check_in_row
from handlers.screens import Press, Rows, Screen
from safety.checkins import (
    CheckedIn,
    CheckInKind,
    FineNoted,
    HomeNoted,
    HomeQuestion,
    HowAreYou,
    SilentHome,
    SilentHomeNames,
    SilentPerson,
)
from safety.detentions import MarkNames
from safety.people import EventId, PersonId, Presence


def here(request: Request) -> None:
    """Note *I'm here*."""
    checkins.check_in(request.turn, CheckInKind.HERE)


def home(request: Request) -> None:
    """Note *I got home*."""
    checkins.check_in(request.turn, CheckInKind.HOME)


def safe(request: Request) -> None:
    """Note *I'm safe*."""
    checkins.check_in(request.turn, CheckInKind.SAFE)


def press_check_in(request: Request, press: CheckInPress) -> str | None:
    """Note what was pressed."""
    checkins.check_in(request.turn, press.kind, EventId(press.event_id))
    return None


def press_mark(request: Request, press: MarkSeen) -> str | None:
    """Note what somebody of the team has seen of a person."""
    event_id = checkins.mark(request.turn, PersonId(press.person_id), press.kind)
    request.turn.reply(MarkNames(event_id), event_id)
    return "answer-checkin-marked"


def press_silent(request: Request, press: SilentNamesPress) -> str | None:
    """Show whom to tell, for a minute."""
    checkins.show_silent(request.turn, EventId(press.event_id))
    return None


def press_silent_page(request: Request, press: SilentNamesPage) -> str | None:
    """Show another page of them."""
    checkins.show_silent(request.turn, EventId(press.event_id), press.page)
    return None


def press_fine(request: Request, press: FinePress) -> str | None:
    """Take the question away; what may come later can be reported by a link."""
    event_id = EventId(press.event_id)
    request.turn.reply(FineNoted(event_id), event_id)
    return None


# ---------------------------------------------------------------- what people see


def render_checked_in(showing: Showing, notice: CheckedIn) -> Screen | None:
    """Show what was noted, and what can be said next."""
    state = checkins.own_state(showing.work, notice.event_id, showing.chat_id)
    if state is None:
        return None
    lines = [_noted(showing, state), showing.say(f"checkin-said-{state.check_in.kind.value}")]
    if state.is_unverified:
        lines.append(showing.say("checkin-unverified"))
    return Screen("\n".join(lines), _next_rows(showing, notice.event_id, state.presence))


def render_home_noted(showing: Showing, notice: HomeNoted) -> Screen | None:
    """Note *I got home*, and take the key away."""
    state = checkins.own_state(showing.work, notice.event_id, showing.chat_id)
    if state is None:
        return None
    text = "\n".join((_noted(showing, state), showing.say("checkin-home")))
    return Screen(text, removes_key=True)


def render_home_question(showing: Showing, notice: HomeQuestion) -> Screen | None:
    """Ask whoever has not answered yet whether they got home."""
    if not checkins.is_asked_home(showing.work, notice.event_id, showing.chat_id):
        return None
    row = check_in_row(showing, notice.event_id, CheckInKind.HOME)
    return Screen(showing.say("home-question"), (row, help_row(showing, notice.event_id)))


def render_how_are_you(showing: Showing, notice: HowAreYou) -> Screen | None:
    """Ask, on the third day, in words that mean nothing to others."""
    rows = (
        (showing.button("button-aftercare-fine", FinePress(notice.event_id)),),
        (showing.button("button-aftercare-visit", VisitPress(notice.event_id)),),
        (showing.button("button-aftercare-happened", MenuEntry("report")),),
        own_data_row(showing, notice.event_id),
        injuries.row(showing, notice.event_id),
        help_row(showing, notice.event_id),
    )
    return Screen(showing.say("aftercare-question"), rows)


def render_fine(showing: Showing, notice: FineNoted) -> Screen | None:
    """Take leave, with a way to report what may come later."""
    return Screen(showing.say("aftercare-fine"), reportlinks.take_row(showing, notice.event_id))


def help_row(showing: Showing, event_id: EventId) -> tuple[Press, ...]:
    """Give *I need help* for this event."""
    return (showing.button("alarm-button-help", SosPress(event_id)),)


def own_data_row(showing: Showing, event_id: EventId) -> tuple[Press, ...]:
    """Give the way to one's own list of what was taken."""
    return (showing.button("data-taken-own-button", DataOwn(event_id)),)


def _noted(showing: Showing, state: OwnState) -> str:
    time = showing.time(state.check_in.at, state.event.tzinfo)
    return showing.say("checkin-noted", time=time)


def _next_rows(showing: Showing, event_id: EventId, presence: Presence) -> Rows:
    kinds: tuple[CheckInKind, ...]
    match presence:
        case Presence.UNANSWERED:
            kinds = (CheckInKind.ON_THE_WAY, CheckInKind.HERE)
        case Presence.ON_THE_WAY:
            kinds = (CheckInKind.HERE,)
        case Presence.HERE | Presence.LEFT:
            kinds = (CheckInKind.SAFE, CheckInKind.HOME)
        case Presence.HOME | Presence.TAKEN:
            kinds = (CheckInKind.SAFE,)
    rows: Rows = tuple((press,) for press in check_in_row(showing, event_id, *kinds))
    if datataken.may_tell(showing.work, event_id, showing.chat_id):
        rows = (*rows, own_data_row(showing, event_id))
    if presence is Presence.HERE:
        rows = ((showing.button("button-ride", RidePress(event_id)),), *rows)
    return (*rows, help_row(showing, event_id))


# ---------------------------------------------------------------- what organizers see


def render_silent(showing: Showing, notice: SilentHome) -> Screen | None:
    """Show an organizer how many have not answered."""
    number = checkins.count_silent(showing.work, notice.event_id)
    if not number:
        return Screen(showing.say("home-all-answered"))
    names = showing.button("button-names", SilentNamesPress(notice.event_id))
    return Screen(showing.count("home-silent", number), ((names,),))


def render_silent_names(showing: Showing, notice: SilentHomeNames) -> Screen | None:
    """Show an organizer whom to tell, and the exact sentence, page by page."""
    if not checkins.is_organizer(showing.work, showing.chat_id):
        return None
    found = checkins.silent_people(showing.work, notice.event_id)
    texts = ["\n".join(_silent_lines(showing, one)) for one in found]
    press = partial(SilentNamesPage, notice.event_id)
    places, turns = paging.by_length(showing, texts, notice.page, press)
    title = showing.count("home-silent", len(found))
    return Screen("\n\n".join([title, *(texts[place] for place in places)]), turns)


def _silent_lines(showing: Showing, one: SilentPerson) -> list[str]:
    if one.contact is None:
        return [showing.say("home-silent-nobody", name=one.name)]
    lines = [showing.say("home-silent-tell", name=one.name, contact=one.contact)]
    if one.sentence is not None:
        lines.append(showing.say("home-silent-sentence", sentence=one.sentence))
    return lines
