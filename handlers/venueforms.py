"""The forms of a venue: area, meeting point, address, and how long before the start each is told.

Nothing is guessed of what was typed: the summary says all of it again, with days and times.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from coordination import disclosure, venues
from coordination.venues import Entry
from handlers.context import Choice, Form, Request, Showing, Step, read_offered
from safety.errors import RefusalError
from safety.events import Event
from safety.forms import Draft
from safety.people import EventId
from safety.permissions import Action
from safety.venues import (
    Place,
    Point,
    Reason,
    Stage,
    StageTimes,
    Venue,
    usual_times,
)

VENUE, RELOCATION, HOLD_REASON = "venue", "relocation", "hold-reason"
WALK_IN = "@walk-in"  # no address is ever sent; a steward walks people in
USUAL, OWN = "usual", "own"
BEFORE = {  # minutes before the start that are offered for each stage
    Stage.AREA: (2880, 1440, 720, 360),
    Stage.MEETING_POINT: (360, 180, 120, 60),
    Stage.ADDRESS: (180, 60, 30, 0),
}
MOST_BEFORE = 14 * 24 * 60  # minutes
_POINT = re.compile(r"^(-?\d{1,2}\.\d+),(-?\d{1,3}\.\d+)$")
_TIME = re.compile(r"^(\d{1,3}):([0-5]\d)$")  # a bare number could be hours or minutes

# ---------------------------------------------------------------- reading answers


def _read_pin(_request: Request, _draft: Draft, typed: str) -> str:
    if _POINT.match(typed) is None:
        raise RefusalError("venue-send-pin")
    return typed


def _read_before(_request: Request, draft: Draft, typed: str) -> str:
    found = _TIME.match(typed)
    if found is None:
        raise RefusalError("venue-time-unclear")
    minutes = int(found[1]) * 60 + int(found[2])
    if minutes > _most_before(draft):
        raise RefusalError("venue-times-order")
    return str(minutes)


def _most_before(draft: Draft) -> int:
    """Give the minutes that the stage before leaves: what is exact never comes first."""
    answers = (draft.answer(step) for step in ("area-before", "point-before"))
    return min([MOST_BEFORE, *(int(answer) for answer in answers if answer is not None)])


def _has_address(_where: Request | Showing, draft: Draft) -> bool:
    return draft.answer("address") != WALK_IN


def _has_own_times(_where: Request | Showing, draft: Draft) -> bool:
    return draft.answer("times") == OWN


def _has_own_address_time(where: Request | Showing, draft: Draft) -> bool:
    return _has_own_times(where, draft) and _has_address(where, draft)


# ---------------------------------------------------------------- offering answers


def _address_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(WALK_IN, showing.plain("button-venue-walk-in"))]


def _time_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    policy = showing.work.policy
    area, point, address = (
        _duration(showing, time)
        for time in (policy.area_before, policy.meeting_point_before, policy.address_before)
    )
    usual = showing.plain("venue-times-usual", area=area, point=point, address=address)
    return [Choice(USUAL, usual), Choice(OWN, showing.plain("button-venue-own-times"))]


def _area_before(showing: Showing, draft: Draft) -> Sequence[Choice]:
    return _before_choices(showing, draft, Stage.AREA)


def _point_before(showing: Showing, draft: Draft) -> Sequence[Choice]:
    return _before_choices(showing, draft, Stage.MEETING_POINT)


def _address_before(showing: Showing, draft: Draft) -> Sequence[Choice]:
    return _before_choices(showing, draft, Stage.ADDRESS)


def _before_choices(showing: Showing, draft: Draft, stage: Stage) -> Sequence[Choice]:
    offered = (minutes for minutes in BEFORE[stage] if minutes <= _most_before(draft))
    return [
        Choice(f"{one // 60}:{one % 60:02}", _duration(showing, timedelta(minutes=one)))
        for one in offered
    ]


def _reason_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(f"venue-reason-{one.value}")) for one in Reason]


def _duration(showing: Showing, time: timedelta) -> str:
    hours, minutes = divmod(time // timedelta(minutes=1), 60)
    if not hours:
        return showing.plain("venue-minutes", minutes=minutes)
    if not minutes:
        return showing.plain("venue-hours", hours=hours)
    return showing.plain("venue-hours-minutes", hours=hours, minutes=f"{minutes:02}")


# ---------------------------------------------------------------- what is entered


def _entry(draft: Draft) -> Entry:
    address, point = draft.answer("address"), _point(draft.answer("address-pin"))
    is_walked = address is None or address == WALK_IN
    return Entry(
        area=draft.answer("area") or "",
        meeting_point=Place(draft.answer("point") or "", _point(draft.answer("point-pin"))),
        address=None if is_walked else Place(address or "", point),
        times=_times(draft),
    )


def _times(draft: Draft) -> StageTimes | None:
    if draft.answer("times") != OWN:
        return None
    area = int(draft.answer("area-before") or 0)
    point = int(draft.answer("point-before") or 0)
    address = int(draft.answer("address-before") or 0)
    minute = timedelta(minutes=1)
    return StageTimes(area * minute, point * minute, address * minute)


def _point(answer: str | None) -> Point | None:
    found = _POINT.match(answer or "")
    return None if found is None else (float(found[1]), float(found[2]))


def _reason(draft: Draft) -> tuple[Reason, str | None]:
    said = draft.answer("reason")
    if said in set(Reason):
        return Reason(said), None
    return Reason.OTHER, said


def _event_id(draft: Draft) -> EventId:
    return draft.event_id or EventId(0)


def _finish_venue(request: Request, draft: Draft) -> None:
    venues.enter(request.turn, _event_id(draft), _entry(draft))
    venues.open_card(request.turn, _event_id(draft))


def _finish_relocation(request: Request, draft: Draft) -> None:
    reason, words = _reason(draft)
    venues.relocate(request.turn, _event_id(draft), _entry(draft), reason, words)
    venues.open_card(request.turn, _event_id(draft))


def _finish_hold(request: Request, draft: Draft) -> None:
    if draft.answer("reason") is not None:
        venues.explain_hold(request.turn, draft.subject_id, *_reason(draft))


def _venue_summary(showing: Showing, draft: Draft) -> str:
    entry = _entry(draft)
    lines = [showing.say("venue-summary"), "", *entry_lines(showing, entry)]
    event = disclosure.look_event(showing.work, _event_id(draft))
    if draft.form == RELOCATION:
        reason, words = _reason(draft)
        said = words or showing.plain(f"venue-reason-{reason.value}")
        lines.append(showing.say("venue-why", reason=said))
    elif event is not None:
        lines += _time_lines(showing, event, entry)
    return "\n".join([*lines, "", showing.say("venue-needs-second")])


def entry_lines(showing: Showing, entry: Entry | Venue) -> list[str]:
    """Say all of a place, for whoever decides about it."""
    lines = [showing.say("place-area", words=entry.area)]
    lines.append(showing.say("place-meeting-point", words=entry.meeting_point.words))
    if entry.meeting_point.point is not None:
        lines.append(_pin_line(showing, entry.meeting_point.point))
    if entry.address is None:
        return [*lines, showing.say("place-walked-in")]
    lines.append(showing.say("place-address", words=entry.address.words))
    if entry.address.point is not None:
        lines.append(_pin_line(showing, entry.address.point))
    return lines


def _pin_line(showing: Showing, point: Point) -> str:
    latitude, longitude = point
    return showing.say("venue-pin", latitude=f"{latitude:.5f}", longitude=f"{longitude:.5f}")


def _time_lines(showing: Showing, event: Event, entry: Entry) -> list[str]:
    times = entry.times or usual_times(showing.work.policy)
    stages = [one for one in Stage if one is not Stage.ADDRESS or entry.address is not None]
    return [
        _time_line(showing, event, stage, event.starts_at - times.before(stage))
        for stage in stages
    ]


def _time_line(showing: Showing, event: Event, stage: Stage, at: datetime) -> str:
    """Say when a stage would be told; one whose time is over goes out with the confirmation."""
    if at > showing.work.now:
        return comes_line(showing, event, stage, at)
    return showing.say("venue-stage-at-once", stage=showing.plain(f"venue-stage-{stage.value}"))


def comes_line(showing: Showing, event: Event, stage: Stage, at: datetime) -> str:
    """Say when a stage is told."""
    return showing.say(
        "venue-stage-comes",
        stage=showing.plain(f"venue-stage-{stage.value}"),
        day=showing.day(at, event.tzinfo),
        time=showing.time(at, event.tzinfo),
    )


_PLACE_STEPS = (
    Step("area", "venue-ask-area"),
    Step("point", "venue-ask-point"),
    Step("point-pin", "venue-ask-pin", read=_read_pin, is_optional=True, takes_location=True),
    Step("address", "venue-ask-address", choices=_address_choices),
    Step(
        "address-pin",
        "venue-ask-address-pin",
        read=_read_pin,
        is_optional=True,
        takes_location=True,
        applies=_has_address,
    ),
)

VENUE_FORM = Form(
    name=VENUE,
    action=Action.SET_VENUE,
    steps=(
        *_PLACE_STEPS,
        Step("times", "venue-ask-times", read=read_offered((USUAL, OWN)), choices=_time_choices),
        Step(
            "area-before",
            "venue-ask-area-before",
            read=_read_before,
            choices=_area_before,
            choices_in_row=2,
            applies=_has_own_times,
        ),
        Step(
            "point-before",
            "venue-ask-point-before",
            read=_read_before,
            choices=_point_before,
            choices_in_row=2,
            applies=_has_own_times,
        ),
        Step(
            "address-before",
            "venue-ask-address-before",
            read=_read_before,
            choices=_address_before,
            choices_in_row=2,
            applies=_has_own_address_time,
        ),
    ),
    finish=_finish_venue,
    summary=_venue_summary,
)

RELOCATION_FORM = Form(
    name=RELOCATION,
    action=Action.RELOCATE,
    steps=(*_PLACE_STEPS, Step("reason", "venue-ask-reason", choices=_reason_choices)),
    finish=_finish_relocation,
    summary=_venue_summary,
)

HOLD_FORM = Form(
    name=HOLD_REASON,
    action=Action.HOLD,
    steps=(Step("reason", "venue-ask-hold", choices=_reason_choices, is_optional=True),),
    finish=_finish_hold,
    kept="decision-hold-stays",
)
