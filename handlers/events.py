"""/event: the current event in numbers, and the form that plans one.

A day and hours can be pressed or typed; what was understood is shown before it counts.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from coordination import events
from handlers import forms, paging
from handlers.buttons.events import (
    EventCancel,
    EventCancelAsk,
    EventCapacity,
    EventChangePress,
    EventMinors,
    EventMove,
    EventNew,
    EventNumber,
    EventOpen,
    EventsPress,
)
from handlers.buttons.invitations import InviteAnother
from handlers.buttons.registration import PeoplePress
from handlers.buttons.threats import ThreatsPress
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.screens import Press, Rows, Screen
from safety import dates
from safety.errors import RefusalError
from safety.events import (
    Event,
    EventCancelQuestion,
    EventChange,
    EventList,
    EventNews,
    EventScreen,
    EventState,
    NumberNews,
    Plan,
    read_capacity,
    read_number,
)
from safety.forms import Draft
from safety.languages import Language
from safety.paging import cut
from safety.people import EventId
from safety.permissions import Action

DAYS_OFFERED = 7
HOURS_OFFERED = ("12:00", "14:00", "16:00", "17:00", "18:00", "19:00", "20:00")
LENGTHS_OFFERED = (2, 3, 4, 5)  # hours
ZONES_OFFERED = ("Asia/Almaty", "Asia/Bishkek", "Asia/Tashkent", "Europe/Berlin")
CAPACITIES_OFFERED = ("10", "20", "30", "50")
TITLE_LIMIT = 60  # characters


def show(request: Request) -> None:
    """Show the current event; where there is none, ask for one."""
    if events.look(request.turn, None) is None:
        press_new(request, EventNew())
    else:
        request.turn.reply(EventScreen())


def press_open(request: Request, press: EventOpen) -> None:
    """Show this event."""
    request.turn.reply(EventScreen(press.event_id))


def press_change(request: Request, press: EventChangePress) -> None:
    """Show what can be changed."""
    request.turn.reply(EventChange(press.event_id))


def press_others(request: Request, press: EventsPress) -> None:
    """Show the other events."""
    request.turn.reply(EventList(press.event_id, press.page))


def press_new(request: Request, _press: EventNew) -> None:
    """Plan another event."""
    events.require_room(request.turn)
    forms.start(request, "event")


def press_move(request: Request, press: EventMove) -> None:
    """Ask for the new time."""
    events.movable(request.turn, press.event_id)
    forms.start(request, "event-time", press.event_id)


def press_capacity(request: Request, press: EventCapacity) -> None:
    """Ask how many there is room for."""
    events.open_event(request.turn, press.event_id)
    forms.start(request, "event-capacity", press.event_id)


def press_number(request: Request, press: EventNumber) -> None:
    """Ask whom to call."""
    events.open_event(request.turn, press.event_id)
    forms.start(request, "event-number", press.event_id)


def press_minors(request: Request, press: EventMinors) -> str:
    """Propose to change who may register."""
    events.ask_for_minors(request.turn, press.event_id, allows=bool(press.allows))
    return "answer-proposed"


def press_cancel_ask(request: Request, press: EventCancelAsk) -> None:
    """Ask once more."""
    request.turn.reply(EventCancelQuestion(press.event_id))


def press_cancel(request: Request, press: EventCancel) -> str:
    """Call the event off."""
    events.cancel(request.turn, press.event_id)
    return "answer-done"


# ---------------------------------------------------------------- the questions


def _zone_of(request: Request | Showing, draft: Draft) -> str:
    """Give the zone that hours are read in: the event's, the one answered, else the team's."""
    work = request.work
    event = None if draft.event_id is None else events.look(work, draft.event_id)
    return event.zone if event is not None else draft.answer("zone") or work.policy.zone


def _today(request: Request | Showing, draft: Draft) -> date:
    work = request.work
    return work.now.astimezone(ZoneInfo(_zone_of(request, draft))).date()


def _day_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    today = _today(showing, draft)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_OFFERED)]
    return [Choice(day.isoformat(), showing.texts.day(showing.language, day)) for day in days]


def _read_day(request: Request, draft: Draft, typed: str) -> str:
    return dates.read_day(typed, _today(request, draft)).isoformat()


def _start_choices(_showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(hour, hour) for hour in HOURS_OFFERED]


def _read_start(request: Request, draft: Draft, typed: str) -> str:
    hour = dates.read_hour(typed)
    starts_at = dates.moment(_day(draft), hour, _zone_of(request, draft))
    if starts_at <= request.turn.now:
        raise RefusalError("event-hour-over")
    return f"{hour:%H:%M}"


def _end_choices(_showing: Showing, draft: Draft) -> Sequence[Choice]:
    start = datetime.combine(_day(draft), _hour(draft, "start"))
    ends = [start + timedelta(hours=length) for length in LENGTHS_OFFERED]
    return [Choice(f"{end:%H:%M}", f"{end:%H:%M}") for end in ends]


def _read_end(request: Request, draft: Draft, typed: str) -> str:
    hour = dates.read_hour(typed)
    dates.span(_day(draft), _hour(draft, "start"), hour, _zone_of(request, draft))
    return f"{hour:%H:%M}"


def _zone_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    zones = dict.fromkeys((showing.work.policy.zone, *ZONES_OFFERED))
    return [Choice(zone, zone) for zone in zones]


def _read_zone(request: Request, draft: Draft, typed: str) -> str:
    zone = dates.read_zone(typed)
    starts_at, _ = dates.span(_day(draft), _hour(draft, "start"), _hour(draft, "end"), zone)
    if starts_at <= request.turn.now:
        raise RefusalError("event-hour-over")
    return zone


def _read_title(_request: Request, _draft: Draft, typed: str) -> str:
    title = " ".join(typed.split())
    if len(title) > TITLE_LIMIT:
        raise RefusalError("form-long-answer")
    return title


def _capacity_choices(_showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(number, number) for number in CAPACITIES_OFFERED]


def _read_capacity(_request: Request, _draft: Draft, typed: str) -> str:
    return str(read_capacity(typed))


def _language_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    languages = showing.work.policy.languages
    return [Choice(one.value, showing.texts.plain(one, "language-name")) for one in languages]


def _read_language(request: Request, _draft: Draft, typed: str) -> str:
    if typed not in {language.value for language in request.turn.policy.languages}:
        raise RefusalError("form-press-confirm")
    return typed


def _read_number(_request: Request, _draft: Draft, typed: str) -> str:
    return read_number(typed)


def _day(draft: Draft) -> date:
    return date.fromisoformat(draft.answer("date") or "")


def _hour(draft: Draft, step: str) -> time:
    return time.fromisoformat(draft.answer(step) or "")


TIME_STEPS = (
    Step("date", "event-ask-date", _read_day, _day_choices, choices_in_row=2),
    Step("start", "event-ask-start", _read_start, _start_choices, choices_in_row=4),
    Step("end", "event-ask-end", _read_end, _end_choices, choices_in_row=4),
)
CAPACITY_STEP = Step(
    "capacity", "event-ask-capacity", _read_capacity, _capacity_choices, choices_in_row=4
)
NUMBER_STEP = Step("number", "event-ask-number", _read_number, is_optional=True)


def _span(draft: Draft, zone: str) -> tuple[datetime, datetime]:
    return dates.span(_day(draft), _hour(draft, "start"), _hour(draft, "end"), zone)


def _plan(draft: Draft) -> Plan:
    zone = draft.answer("zone") or ""
    starts_at, ends_at = _span(draft, zone)
    return Plan(
        title=draft.answer("title") or "",
        city=draft.answer("city") or "",
        zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=int(draft.answer("capacity") or 0),
        language=Language(draft.answer("language") or ""),
        voice_number=draft.answer("number") or "",
    )


def _summarize(showing: Showing, draft: Draft) -> str:
    plan = _plan(draft)
    return "\n".join(
        (
            showing.say("event-summary"),
            "",
            showing.say("event-what", title=plan.title, city=plan.city),
            _when(showing, plan.starts_at, plan.ends_at, plan.zone),
            showing.say("event-room", number=plan.capacity),
            showing.say("event-speaks", language=_language(showing, plan.language)),
            _number_line(showing, plan.voice_number),
        )
    )


def _finish(request: Request, draft: Draft) -> None:
    events.create(request.turn, _plan(draft))


def _summarize_time(showing: Showing, draft: Draft) -> str:
    zone = _zone_of(showing, draft)
    lines = (showing.say("event-summary-time"), "", _when(showing, *_span(draft, zone), zone))
    return "\n".join(lines)


def _event_of(draft: Draft) -> EventId:
    assert draft.event_id is not None  # noqa: S101 - these forms are started with one
    return draft.event_id


def _finish_time(request: Request, draft: Draft) -> None:
    starts_at, ends_at = _span(draft, _zone_of(request, draft))
    events.move(request.turn, _event_of(draft), starts_at, ends_at)


def _finish_capacity(request: Request, draft: Draft) -> None:
    events.set_capacity(request.turn, _event_of(draft), int(draft.answer("capacity") or 0))


def _finish_number(request: Request, draft: Draft) -> None:
    events.set_number(request.turn, _event_of(draft), draft.answer("number") or "")


EVENT_FORM = Form(
    name="event",
    action=Action.MANAGE_EVENT,
    steps=(
        Step("title", "event-ask-title", _read_title),
        Step("city", "event-ask-city", _read_title),
        *TIME_STEPS,
        Step("zone", "event-ask-zone", _read_zone, _zone_choices),
        CAPACITY_STEP,
        Step("language", "event-ask-language", _read_language, _language_choices),
        NUMBER_STEP,
    ),
    finish=_finish,
    summary=_summarize,
)
TIME_FORM = Form("event-time", Action.MANAGE_EVENT, TIME_STEPS, _finish_time, _summarize_time)
CAPACITY_FORM = Form("event-capacity", Action.MANAGE_EVENT, (CAPACITY_STEP,), _finish_capacity)
NUMBER_FORM = Form("event-number", Action.MANAGE_EVENT, (NUMBER_STEP,), _finish_number)


# ---------------------------------------------------------------- screens


def render_event(showing: Showing, notice: EventScreen) -> Screen | None:
    """Show an event in numbers, with what can be done."""
    event = events.look(showing.work, notice.event_id)
    new = (showing.button("button-event-new", EventNew()),)
    if event is None:
        return Screen(showing.say("event-none"), (new,))
    listed = showing.button("button-event-others", EventsPress(event.id, 0))
    others = ((listed,),) if _others(showing, event.id) else ()
    rows = (*_event_rows(showing, event), *others, new)
    return Screen("\n".join(_event_lines(showing, event)), rows)


def _others(showing: Showing, event_id: EventId) -> list[Event]:
    return [other for other in events.list_open(showing.work) if other.id != event_id]


def _event_lines(showing: Showing, event: Event) -> Sequence[str]:
    numbers = events.count(showing.work, event)
    counted: Mapping[str, int] = {
        "event-approved": numbers.approved,
        "event-pending": numbers.pending,
        "event-waiting": numbers.waiting,
        "event-declined": numbers.declined,
        "event-opened": numbers.opened,
    }
    return (
        showing.say(f"event-{event.state.value}"),
        "",
        showing.say("event-what", title=event.title, city=event.city),
        _when(showing, event.starts_at, event.ends_at, event.zone),
        showing.say("event-room", number=event.capacity),
        showing.say("event-speaks", language=_language(showing, event.language)),
        _number_line(showing, event.voice_number),
        showing.say("event-minors-yes" if event.allows_minors else "event-minors-no"),
        "",
        *(showing.say(key, number=number) for key, number in counted.items()),
    )


def _event_rows(showing: Showing, event: Event) -> Rows:
    if event.state is not EventState.OPEN:
        return ()
    return (
        (showing.button("button-threats", ThreatsPress(event.id)),),
        (
            showing.button("menu-invite", InviteAnother(event.id)),
            showing.button("menu-people", PeoplePress(event.id)),
        ),
        (showing.button("button-event-change", EventChangePress(event.id)),),
    )


def render_change(showing: Showing, notice: EventChange) -> Screen | None:
    """Show what can be changed of an event that is not over."""
    back = (showing.button("button-back", EventOpen(notice.event_id)),)
    event = events.look(showing.work, notice.event_id)
    if event is None or event.state is not EventState.OPEN:
        return Screen(showing.say("outdated-press"), (back,))
    minors = "button-event-minors-off" if event.allows_minors else "button-event-minors-on"
    allow = EventMinors(event.id, int(not event.allows_minors))
    rows = (
        (showing.button("button-event-move", EventMove(event.id)),),
        (showing.button("button-event-capacity", EventCapacity(event.id)),),
        (showing.button("button-event-number", EventNumber(event.id)),),
        (showing.button(minors, allow),),
        (showing.button("button-event-cancel", EventCancelAsk(event.id)),),
        back,
    )
    return Screen(showing.say("event-change"), rows)


def render_others(showing: Showing, notice: EventList) -> Screen | None:
    """Show the other events, a button for each."""
    page = cut(_others(showing, notice.event_id), notice.page, beside=1)
    rows = (_other_row(showing, other) for other in page.items)
    turns = paging.turns(showing, page, partial(EventsPress, notice.event_id))
    back = (showing.button("button-back", EventOpen(notice.event_id)),)
    return Screen(showing.say("event-others"), (*rows, *turns, back))


def _other_row(showing: Showing, event: Event) -> tuple[Press, ...]:
    day = showing.day(event.starts_at, event.tzinfo)
    label = showing.button("button-event-open", EventOpen(event.id), title=event.title, day=day)
    return (label,)


def render_cancel_question(showing: Showing, notice: EventCancelQuestion) -> Screen | None:
    """Ask whether the event shall be called off."""
    back = (showing.button("button-back", EventOpen(notice.event_id)),)
    event = events.look(showing.work, notice.event_id)
    if event is None or event.state is not EventState.OPEN:
        return Screen(showing.say("outdated-press"), (back,))
    yes = (showing.button("button-event-cancel-yes", EventCancel(event.id)),)
    return Screen(showing.say("event-cancel-ask", title=event.title), (yes, back))


def render_news(showing: Showing, notice: EventNews) -> Screen | None:
    """Tell somebody registered what has become of the event."""
    event = events.look(showing.work, notice.event_id)
    if event is None or event.state is EventState.CLOSED:
        return None
    if event.state is EventState.CANCELLED:
        day = showing.day(event.starts_at, event.tzinfo)
        return Screen(showing.say("event-news-cancelled", title=event.title, day=day))
    when = _when(showing, event.starts_at, event.ends_at, event.zone)
    return Screen(f"{showing.say('event-news-moved', title=event.title)}\n{when}")


def render_number(showing: Showing, notice: NumberNews) -> Screen | None:
    """Tell the team whom everybody calls from now on, and who has changed it."""
    event = events.look(showing.work, notice.event_id)
    if event is None or event.state is not EventState.OPEN:
        return None
    words = showing.say("event-news-number", title=event.title, name=notice.by)
    return Screen(f"{words}\n{_number_line(showing, event.voice_number)}")


def _when(showing: Showing, starts_at: datetime, ends_at: datetime, zone: str) -> str:
    tzinfo = ZoneInfo(zone)
    return showing.say(
        "event-when",
        day=showing.day(starts_at, tzinfo),
        start=showing.time(starts_at, tzinfo),
        end=showing.time(ends_at, tzinfo),
        zone=zone,
    )


def _language(showing: Showing, language: Language) -> str:
    return showing.texts.plain(language, "language-name")


def _number_line(showing: Showing, number: str) -> str:
    return showing.say("event-number", number=number or showing.plain("unknown"))
