"""Go, hold or move in chat: a tap and a reason; what another decided is shown before it changes.

*Hold* holds first and asks afterwards.
"""

from collections.abc import Mapping, Sequence

from coordination import decisions, events, threats
from coordination.threats import Board
from handlers import forms
from handlers.buttons.decisions import GoPress, HoldPress, MovePress
from handlers.buttons.threats import ThreatsPress
from handlers.choosing import afresh
from handlers.context import Choice as Answer
from handlers.context import Form, Request, Showing, Step
from handlers.screens import Press, Rows, Screen
from handlers.venueforms import RELOCATION
from safety import decisions as rules
from safety.decisions import (
    REASONS,
    WORDS_LIMIT,
    Choice,
    Decision,
    DecisionAsked,
    DecisionNews,
    Reasoned,
    Why,
)
from safety.errors import OutdatedError, RefusalError
from safety.events import Event
from safety.forms import Draft
from safety.people import EventId
from safety.permissions import Action

DECIDE, HELD = "decide", "decide-hold"


# ---------------------------------------------------------------- buttons


def press_hold(request: Request, press: HoldPress) -> str | None:
    """Hold at once, then ask why."""
    event_id = EventId(press.event_id)
    venue_id = decisions.decide_to_hold(request.turn, event_id)
    forms.start(afresh(request), HELD, event_id, venue_id)
    return "answer-venue-held"


def press_go(request: Request, press: GoPress) -> str | None:
    """Ask why it shall go on."""
    return _begin(request, EventId(press.event_id), Choice.GO, press.seen)


def press_move(request: Request, press: MovePress) -> str | None:
    """Ask why it shall be elsewhere."""
    return _begin(request, EventId(press.event_id), Choice.MOVE, press.seen)


def _begin(request: Request, event_id: EventId, choice: Choice, seen: int) -> str | None:
    """Ask for the reason; whoever has not seen the decision in force is shown that first."""
    if seen != decisions.number_at(request.turn, event_id):
        threats.open_board(request.turn, event_id)
        return "answer-decision-meanwhile"
    decisions.require_open(request.turn, event_id, choice)
    forms.start(afresh(request), DECIDE, event_id, seen, (("choice", choice.value),))
    return None


# ---------------------------------------------------------------- the questions


def _choice(draft: Draft) -> Choice:
    return Choice(draft.answer("choice") or Choice.HOLD.value)


def _event_id(draft: Draft) -> EventId:
    return draft.event_id or EventId(0)


def _reasons(showing: Showing, draft: Draft) -> Sequence[Answer]:
    return [
        Answer(why.value, showing.plain(f"decision-why-{why.value}"))
        for why in REASONS[_choice(draft)]
    ]


def _said(draft: Draft) -> Reasoned | None:
    """Read the reason: one of the common ones with a word more, or one in own words."""
    choice, said = _choice(draft), draft.answer("why")
    if said is None:
        return None
    common = next((why for why in REASONS[choice] if why.value == said), None)
    if common is None:
        return Reasoned(choice, Why.OWN, said)
    return Reasoned(choice, common, draft.answer("words"))


def _is_common(_where: Request | Showing, draft: Draft) -> bool:
    said = _said(draft)
    return said is not None and said.why is not Why.OWN


def _asked(showing: Showing, draft: Draft) -> Mapping[str, str]:
    return {"choice": _named(showing, _choice(draft))}


def _is_overtaken(where: Request | Showing, draft: Draft) -> bool:
    """Say whether somebody has decided since this form was begun."""
    work = where.work
    return decisions.number_at(work, _event_id(draft)) != draft.subject_id


def _meanwhile(showing: Showing, draft: Draft) -> Mapping[str, str]:
    event = events.look(showing.work, _event_id(draft))
    decision = None if event is None else event.decision
    found = "" if event is None or decision is None else _line(showing, decision, event)
    return {"decision": found, "choice": _named(showing, _choice(draft))}


def _changes(showing: Showing, draft: Draft) -> Sequence[Answer]:
    number = decisions.number_at(showing.work, _event_id(draft))
    choice = _named(showing, _choice(draft))
    return [Answer(str(number), showing.plain("button-decision-change", choice=choice))]


def _read_change(request: Request, draft: Draft, typed: str) -> str:
    """Take the number of the decision that was shown; one that came after it is shown first."""
    if typed != str(decisions.number_at(request.turn, _event_id(draft))):
        raise RefusalError("form-press-confirm")
    return typed


def _finish(request: Request, draft: Draft) -> None:
    event_id, said = _event_id(draft), _said(draft)
    if said is None:
        raise OutdatedError
    seen = int(draft.answer("change") or draft.subject_id)
    decisions.decide(request.turn, event_id, said, seen)
    threats.open_board(request.turn, event_id)
    if said.choice is Choice.MOVE:
        why = rules.reason_of(said.why)
        reason = said.words if said.why is Why.OWN and said.words else why.value
        forms.start(request, RELOCATION, event_id, answers=(("reason", reason),))


def _finish_hold(request: Request, draft: Draft) -> None:
    event_id, said = _event_id(draft), _said(draft)
    if said is not None:
        decisions.explain_hold(request.turn, event_id, draft.subject_id, said)
    threats.open_board(request.turn, event_id)


WORDS = Step(
    "words", "decision-ask-words", is_optional=True, limit=WORDS_LIMIT, applies=_is_common
)
DECIDE_FORM = Form(
    name=DECIDE,
    action=Action.DECIDE,
    steps=(
        Step("why", "decision-ask-why", choices=_reasons, limit=WORDS_LIMIT, values=_asked),
        WORDS,
        Step(
            "change",
            "decision-ask-change",
            read=_read_change,
            choices=_changes,
            applies=_is_overtaken,
            values=_meanwhile,
        ),
    ),
    finish=_finish,
)
HOLD_FORM = Form(
    name=HELD,
    action=Action.DECIDE,
    steps=(
        Step("why", "decision-ask-hold", choices=_reasons, limit=WORDS_LIMIT, is_optional=True),
        WORDS,
    ),
    finish=_finish_hold,
    kept="decision-hold-stays",
)

# ---------------------------------------------------------------- on the board, and beside it


def lines(showing: Showing, board: Board) -> list[str]:
    """Say what is decided, what is new since then, and how it is with the place."""
    decision, place = board.decision, board.place
    told = (
        [showing.say("decision-none")]
        if decision is None
        else [_line(showing, decision, board.event)]
    )
    if decision is not None and board.fresh:
        told.append(showing.count("decision-new-since", board.fresh))
    if place is None:
        told.append(showing.say("decision-no-place"))
    elif place.hold is not None:
        told.append(showing.say("decision-on-hold"))
    elif decision is not None and decision.choice is Choice.HOLD:
        told.append(showing.say("decision-not-on-hold"))
    return told


def rows(showing: Showing, board: Board) -> Rows:
    """Give what can be decided: *Hold* first, unless it is decided and on hold."""
    event, decision, place = board.event, board.decision, board.place
    seen = 0 if decision is None else decision.number
    is_held = place is not None and place.hold is not None
    is_done = is_held and decision is not None and decision.choice is Choice.HOLD
    hold = (showing.button("button-decision-hold", HoldPress(event.id)),)
    others = (
        showing.button("button-decision-go", GoPress(event.id, seen)),
        showing.button("button-decision-move", MovePress(event.id, seen)),
    )
    if place is None:
        return (others[:1],)
    return (others,) if is_done else (hold, others)


def _line(showing: Showing, decision: Decision, event: Event) -> str:
    """Say what is decided, since when, by whom, why; never by name."""
    is_mine = decisions.is_by_reader(showing.work, decision, showing.chat_id)
    values = {
        "choice": _named(showing, decision.choice),
        "day": showing.day(decision.at, event.tzinfo),
        "time": showing.time(decision.at, event.tzinfo),
        "who": showing.plain("decision-by-you" if is_mine else "decision-by-another"),
    }
    if decision.why is None:
        return showing.say("decision-in-force", **values)
    why = showing.plain(f"decision-why-{decision.why.value}")
    return showing.say("decision-in-force-why", why=why, **values)


def _named(showing: Showing, choice: Choice) -> str:
    return showing.plain(f"decision-{choice.value}")


def render_news(showing: Showing, notice: DecisionNews) -> Screen | None:
    """Say that another organizer has decided; what, stands on the board."""
    if decisions.in_force(showing.work, notice.event_id) is None:
        return None
    return Screen(showing.say("decision-news"), (_to_board(showing, notice.event_id),))


def render_asked(showing: Showing, notice: DecisionAsked) -> Screen | None:
    """Ask to decide; once somebody has, there is nothing to ask."""
    if decisions.in_force(showing.work, notice.event_id) is not None:
        return None
    return Screen(showing.say("decision-asked"), (_to_board(showing, notice.event_id),))


def _to_board(showing: Showing, event_id: EventId) -> tuple[Press, ...]:
    return (showing.button("button-threats", ThreatsPress(event_id)),)
