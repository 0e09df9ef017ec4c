"""An event's venue, for whoever decides: told and held by buttons, moved by two.

The card itself names no place; all of it stands behind *Show*, for a minute.
"""

from collections.abc import Mapping

from coordination import disclosure, venues
from coordination.venues import StageCount, VenueView
from handlers import forms
from handlers.buttons.board import BoardPress
from handlers.buttons.disclosure import (
    EnterVenue,
    HoldVenue,
    MoveVenue,
    ReleaseStage,
    ResumeVenue,
    ShowVenue,
)
from handlers.buttons.ledger import LedgerPress
from handlers.choosing import afresh, with_event
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from handlers.venueforms import HOLD_REASON, RELOCATION, VENUE, comes_line, entry_lines
from safety.disclosure import (
    ConfirmVenue,
    EndHold,
    ReleaseNow,
    RelocateTo,
    VenueCard,
    VenueDetails,
    VenueOpened,
)
from safety.events import Event
from safety.people import EventId
from safety.venues import (
    Hold,
    Venue,
    due_at,
)

# ---------------------------------------------------------------- commands and buttons


def venue(request: Request) -> None:
    """Show the venue of the event that is meant; where there is none yet, ask for it."""
    with_event(request, "venue", open_venue)


def open_venue(request: Request, event_id: EventId) -> None:
    """Show the venue of an event; where there is none yet, ask for it."""
    found = venues.view(request.turn, event_id)
    disclosure.require_event(request.turn, event_id)
    if found is not None and (found.venue or found.proposed):
        venues.open_card(request.turn, event_id)
    else:
        forms.start(request, VENUE, event_id)


def release(request: Request) -> None:
    """Propose to tell the next stage now."""
    with_event(request, "release", release_for)


def release_for(request: Request, event_id: EventId) -> None:
    """Propose to tell an event's next stage now."""
    venues.release_next(request.turn, event_id)


def hold(request: Request) -> None:
    """Stop all releases."""
    with_event(request, "hold", hold_for)


def hold_for(request: Request, event_id: EventId) -> None:
    """Stop an event's releases at once; why is asked afterwards."""
    venue_id = venues.hold(request.turn, event_id)
    forms.start(afresh(request), HOLD_REASON, event_id, venue_id)


def relocate(request: Request) -> None:
    """Ask for another place."""
    with_event(request, "relocate", relocate_for)


def relocate_for(request: Request, event_id: EventId) -> None:
    """Ask for another place for an event."""
    venues.require_venue(request.turn, event_id)
    forms.start(afresh(request), RELOCATION, event_id)


def press_enter(request: Request, press: EnterVenue) -> str | None:
    """Ask for a place."""
    disclosure.require_event(request.turn, EventId(press.event_id))
    forms.start(afresh(request), VENUE, EventId(press.event_id))
    return None


def press_release(request: Request, press: ReleaseStage) -> str | None:
    """Propose to tell the next stage now."""
    release_for(request, EventId(press.event_id))
    return "answer-venue-second"


def press_hold(request: Request, press: HoldVenue) -> str | None:
    """Stop all releases."""
    hold_for(request, EventId(press.event_id))
    return "answer-venue-held"


def press_resume(request: Request, press: ResumeVenue) -> str | None:
    """Propose to end the hold."""
    venues.ask_resume(request.turn, EventId(press.event_id))
    return "answer-venue-second"


def press_move(request: Request, press: MoveVenue) -> str | None:
    """Ask for another place."""
    relocate_for(request, EventId(press.event_id))
    return None


def press_details(request: Request, press: ShowVenue) -> str | None:
    """Show all of a venue, for a minute."""
    venues.show_details(request.turn, press.venue_id)
    return None


# ---------------------------------------------------------------- the card


def render_card(showing: Showing, notice: VenueCard | VenueOpened) -> Screen | None:
    """Show how an event's venue stands: times and numbers, no place."""
    found = venues.view(showing.work, notice.event_id)
    if found is None:
        return None
    event = found.event
    day, time = showing.day(event.starts_at, event.tzinfo), event.starts_at
    start = showing.time(time, event.tzinfo)
    lines = [showing.say("venue-title", title=event.title, day=day, time=start), ""]
    lines += _state_lines(showing, found)
    if found.copies_left:
        lines.append(showing.count("venue-copies-left", found.copies_left))
    return Screen("\n".join(lines), _card_rows(showing, found))


def render_details(showing: Showing, notice: VenueDetails) -> Screen | None:
    """Show all of a venue to whoever decides about it."""
    found = disclosure.look(showing.work, notice.venue_id)
    if found is None or not venues.may_see_details(showing.work, notice.venue_id, showing.chat_id):
        return None
    lines = [showing.say("venue-number", number=found.number), *entry_lines(showing, found)]
    return Screen("\n".join(lines))


def _state_lines(showing: Showing, found: VenueView) -> list[str]:
    venue, waiting, lines = found.venue, found.proposed, []
    if found.is_locked:
        lines.append(showing.say("venue-locked"))
    if found.locked is not None and found.locked.hold is not None:
        lines.append(_hold_line(showing, found.event, found.locked.hold))
    if venue is None and waiting is None and not found.is_locked:
        lines.append(showing.say("venue-none-yet"))
    if venue is not None:
        lines.append(showing.say("venue-holds", number=venue.number))
        if venue.hold is not None:
            lines.append(_hold_line(showing, found.event, venue.hold))
        lines += [_told_line(showing, found.event, venue, one) for one in found.told]
    if waiting is not None:
        lines.append(showing.say("venue-waits", number=waiting.number))
        if waiting.hold is not None and venue is None:
            lines.append(_hold_line(showing, found.event, waiting.hold))
    return lines


def _hold_line(showing: Showing, event: Event, hold: Hold) -> str:
    since = showing.time(hold.since, event.tzinfo)
    if hold.reason is None:
        return showing.say("venue-on-hold-since", time=since)
    reason = hold.words or showing.plain(f"venue-reason-{hold.reason.value}")
    return showing.say("venue-on-hold-why", time=since, reason=reason)


def _told_line(showing: Showing, event: Event, venue: Venue, one: StageCount) -> str:
    if one.told == 0:
        return comes_line(showing, event, one.stage, due_at(venue, one.stage, event.starts_at))
    name = showing.plain(f"venue-stage-{one.stage.value}")
    return showing.say("venue-stage-told", stage=name, told=one.told, shown=one.shown)


def _card_rows(showing: Showing, found: VenueView) -> Rows:
    event_id, venue, waiting = found.event.id, found.venue, found.proposed
    if found.is_locked:
        place = found.locked
        if place is None:
            return ()
        hold = (showing.button("button-venue-hold", HoldVenue(event_id)),)
        ledger = (showing.button("button-ledger", LedgerPress(place.id)),)
        return (hold, ledger) if place.hold is None else (ledger,)
    if venue is None:
        rows = [(showing.button("button-show", ShowVenue(waiting.id)),)] if waiting else []
        rows += [(showing.button("button-ledger", LedgerPress(waiting.id)),)] if waiting else []
        key = "button-venue-enter-again" if waiting else "button-venue-enter"
        return (*rows, (showing.button(key, EnterVenue(event_id)),))
    rows = [(showing.button("button-show", ShowVenue(venue.id)),)]
    if venue.hold is not None:
        rows.append((showing.button("button-venue-resume", ResumeVenue(event_id)),))
    else:
        if found.next is not None:
            key = f"button-venue-release-{found.next.value}"
            rows.append((showing.button(key, ReleaseStage(event_id)),))
        rows.append((showing.button("button-venue-hold", HoldVenue(event_id)),))
    rows.append((showing.button("button-venue-move", MoveVenue(event_id)),))
    rows.append((showing.button("button-ledger", LedgerPress(venue.id)),))
    rows.append((showing.button("button-board", BoardPress(event_id)),))
    return tuple(rows)


# ---------------------------------------------------------------- for the second person


def proposed_venue(showing: Showing, intent: ConfirmVenue | RelocateTo) -> Mapping[str, str | int]:
    """Give what a proposal's card says of a venue: event, day, number; the rest is behind Show."""
    found = disclosure.look(showing.work, intent.venue_id)
    event = None if found is None else disclosure.look_event(showing.work, found.event_id)
    unknown = showing.plain("unknown")
    if found is None or event is None:
        return {"title": unknown, "day": unknown, "number": 0}
    return {
        "title": event.title,
        "day": showing.day(event.starts_at, event.tzinfo),
        "number": found.number,
    }


def proposed_release(showing: Showing, intent: ReleaseNow) -> Mapping[str, str | int]:
    """Give what a proposal's card says of an early release."""
    found = disclosure.look(showing.work, intent.venue_id)
    event = None if found is None else disclosure.look_event(showing.work, found.event_id)
    title = showing.plain("unknown") if event is None else event.title
    return {"title": title, "stage": showing.plain(f"venue-stage-{intent.stage.value}")}


def proposed_resume(showing: Showing, intent: EndHold) -> Mapping[str, str | int]:
    """Give what a proposal's card says of the end of a hold."""
    found = disclosure.look(showing.work, intent.venue_id)
    event = None if found is None else disclosure.look_event(showing.work, found.event_id)
    return {"title": showing.plain("unknown") if event is None else event.title}


def details_button(showing: Showing, intent: ConfirmVenue | RelocateTo) -> Press:
    """Give the button behind which a proposal's place stands."""
    return showing.button("button-show", ShowVenue(intent.venue_id))
