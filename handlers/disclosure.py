"""Places as people see them: a first line that says nothing, the place behind *Show*."""

from collections.abc import Sequence

from coordination import disclosure
from handlers import lawrules
from handlers.buttons.alarms import SosPress
from handlers.buttons.checkins import CheckInPress
from handlers.buttons.disclosure import SeenPlace, ShowPlace
from handlers.buttons.menu import MenuEntry
from handlers.context import Request, Showing
from handlers.screens import Pin, Press, Rows, Screen
from safety.checkins import CheckInKind
from safety.disclosure import (
    Anchor,
    HoldOn,
    NewPlace,
    PlacePin,
    PlaceShown,
    Release,
    TroubleCard,
)
from safety.events import Event
from safety.people import EventId
from safety.venues import (
    Stage,
    Venue,
)


def offer(showing: Showing) -> Sequence[Press]:
    """Give a way back to the place, for whoever has cleared the chat since it was told."""
    return [
        showing.button(
            "button-place-again",
            ShowPlace(venue.id),
            day=showing.day(event.starts_at, event.tzinfo),
        )
        for venue, event in disclosure.shown_to(showing.work, showing.chat_id)
    ]


def press_show(request: Request, press: ShowPlace) -> str | None:
    """Show the place in the message that was pressed."""
    disclosure.show(request.turn, press.venue_id)
    return None


def press_seen(request: Request, press: SeenPlace) -> str | None:
    """Note that the new place was seen."""
    disclosure.confirm_seen(request.turn, press.venue_id)
    return "answer-place-seen"


def render_release(showing: Showing, notice: Release) -> Screen | None:
    """Say that there is something new, and nothing else."""
    event_id = disclosure.event_with_news(showing.work, notice.venue_id, showing.chat_id)
    if event_id is None:
        return None
    key = "place-news-again" if showing.is_repeat else "place-news"
    return Screen(showing.say(key), _closed_rows(showing, notice.venue_id, event_id))


def render_new(showing: Showing, notice: NewPlace) -> Screen | None:
    """Say that the earlier place does not hold any more."""
    event_id = disclosure.event_with_news(showing.work, notice.venue_id, showing.chat_id)
    if event_id is None:
        return None
    rows = _closed_rows(showing, notice.venue_id, event_id)
    return Screen(showing.say("place-changed"), rows)


def render_shown(showing: Showing, notice: PlaceShown) -> Screen | None:
    """Show the place, as far as it is told now."""
    found = _open(showing, notice.venue_id)
    if found is None:
        return None
    venue, event, stages = found
    lines = [_when(showing, event), ""]
    if not disclosure.has_confirmed(showing.work, venue, showing.chat_id):
        lines.insert(1, showing.say("place-is-new"))
    lines += [_stage_line(showing, venue, stage) for stage in stages]
    lines += [_rest_line(showing, venue, stages), "", showing.say("place-keep")]
    return Screen("\n".join(lines), _open_rows(showing, venue))


def render_pin(showing: Showing, notice: PlacePin) -> Screen | None:
    """Show a stage's point on the map."""
    found = _open(showing, notice.venue_id)
    if found is None or notice.stage not in found[2]:
        return None
    place = found[0].place(notice.stage)
    if place is None or place.point is None:
        return None
    return Screen("", pin=Pin(*place.point))


def render_hold(showing: Showing, notice: HoldOn) -> Screen | None:
    """Tell whoever knew something to wait, as long as that is so."""
    event_id = disclosure.event_to_wait_for(showing.work, notice.venue_id)
    if event_id is None:
        return None
    rows = ((showing.button("alarm-button-help", SosPress(event_id)),),)
    return Screen(showing.say("place-wait"), rows)


def render_trouble(showing: Showing, notice: TroubleCard) -> Screen | None:
    """Show what to do in trouble, with one voice number."""
    event = disclosure.look_event(showing.work, notice.event_id)
    if event is None:
        return None
    card = showing.say("trouble-card-only")
    if event.voice_number:
        card = showing.say("trouble-card", number=event.voice_number)
    rights = (showing.button("menu-rights", MenuEntry("rights")),)
    return Screen(lawrules.added_to(showing, card), (rights,))


def render_anchor(showing: Showing, _notice: Anchor) -> Screen | None:
    """Bring the permanent key."""
    return Screen(showing.say("anchor-text"), key=showing.plain("key-sos"))


def check_in_row(showing: Showing, event_id: EventId, *kinds: CheckInKind) -> tuple[Press, ...]:
    """Give the buttons of these reports, side by side."""
    return tuple(
        showing.button(f"button-checkin-{kind.value}", CheckInPress(event_id, kind))
        for kind in kinds
    )


def _open(showing: Showing, venue_id: int) -> tuple[Venue, Event, tuple[Stage, ...]] | None:
    venue = disclosure.look(showing.work, venue_id)
    if venue is None:
        return None
    event = disclosure.look_event(showing.work, venue.event_id)
    stages = disclosure.visible(showing.work, venue, showing.chat_id)
    return None if event is None or not stages else (venue, event, stages)


def _closed_rows(showing: Showing, venue_id: int, event_id: EventId) -> Rows:
    show = showing.button("button-show", ShowPlace(venue_id))
    return ((show,), *_report_rows(showing, event_id))


def _open_rows(showing: Showing, venue: Venue) -> Rows:
    if disclosure.has_confirmed(showing.work, venue, showing.chat_id):
        return _report_rows(showing, venue.event_id)
    seen = showing.button("button-place-seen", SeenPlace(venue.id))
    return ((seen,), *_report_rows(showing, venue.event_id))


def _report_rows(showing: Showing, event_id: EventId) -> Rows:
    on_the_way, here = CheckInKind.ON_THE_WAY, CheckInKind.HERE
    return tuple((press,) for press in check_in_row(showing, event_id, on_the_way, here))


def _when(showing: Showing, event: Event) -> str:
    day, time = showing.day(event.starts_at, event.tzinfo), event.starts_at
    return showing.say("place-when", day=day, time=showing.time(time, event.tzinfo))


def _stage_line(showing: Showing, venue: Venue, stage: Stage) -> str:
    place = venue.place(stage)
    words = "" if place is None else place.words
    return showing.say(f"place-{stage.value}", words=words)


def _rest_line(showing: Showing, venue: Venue, stages: tuple[Stage, ...]) -> str:
    if stages != venue.stages:
        return showing.say("place-rest-later")
    return showing.say("place-complete" if venue.address is not None else "place-walked-in")
