"""The ledger of a place in chat: a few taps and one short text, which leaves the chat."""

from collections.abc import Sequence
from datetime import timedelta

from coordination import events, ledger
from coordination.ledger import Ledger
from handlers import closing, forms
from handlers.buttons.choosing import EventPress
from handlers.buttons.incidents import ShowIncident
from handlers.buttons.ledger import LedgerAdd, LedgerPress
from handlers.buttons.threats import ThreatsPress
from handlers.choosing import afresh
from handlers.context import Choice, Form, Request, Showing, Step, read_offered
from handlers.screens import Rows, Screen
from handlers.statementwords import choice_key
from safety import ledger as rules
from safety.dates import read_past
from safety.errors import OutdatedError, RefusalError
from safety.forms import Draft
from safety.ledger import BASES, BY, NAME_LIMIT, WORDS_LIMIT, LedgerEntry, LedgerKind, LedgerScreen
from safety.permissions import Action
from safety.records import Precision, Promise, Quote, RecordDate
from safety.taxonomy import ActorKind, Basis

LEDGER = "ledger"
SHOWN = 8  # promises, and as many other words, on one screen; the record holds all
LONGEST = 200  # characters of one entry on the screen
LABEL = 40  # characters of a promise on a button
TODAY, YESTERDAY = "today", "yesterday"
PRECISIONS = (Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.EXACT)

# ---------------------------------------------------------------- buttons


def press_ledger(request: Request, press: LedgerPress) -> str | None:
    """Show the ledger of a place."""
    ledger.open_ledger(request.turn, press.venue_id)
    return None


def press_add(request: Request, press: LedgerAdd) -> str | None:
    """Ask for another entry."""
    place = ledger.require_place(request.turn, press.venue_id)
    forms.start(afresh(request), LEDGER, place.event_id, place.id)
    return None


# ---------------------------------------------------------------- the questions


def _kinds(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(f"ledger-kind-{one.value}")) for one in LedgerKind]


def _promises(showing: Showing, draft: Draft) -> Sequence[Choice]:
    found = ledger.promises(showing.work, draft.subject_id)[:SHOWN]
    return [Choice(str(leaf), _cut(one.detail("promised") or "", LABEL)) for leaf, one in found]


def _breaks_a_promise(where: Request | Showing, draft: Draft) -> bool:
    work = where.work
    is_breach = draft.answer("entry") == LedgerKind.BREACH.value
    return is_breach and bool(ledger.promises(work, draft.subject_id))


def _whoever(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(choice_key("actor", one))) for one in BY]


def _has_role(_where: Request | Showing, draft: Draft) -> bool:
    return draft.answer("who") is not None


def _is_no_contract(_where: Request | Showing, draft: Draft) -> bool:
    return draft.answer("entry") != LedgerKind.CONTRACT.value


def _days(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one, showing.plain(f"report-when-{one}")) for one in (TODAY, YESTERDAY)]


def _ways(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(f"dossier-basis-{one.value}")) for one in BASES]


def _read_promise(request: Request, draft: Draft, typed: str) -> str:
    found = ledger.promises(request.turn, draft.subject_id)
    return read_offered([str(leaf) for leaf, _ in found])(request, draft, typed)


def _read_when(request: Request, draft: Draft, typed: str) -> str:
    """Read a day, a month, a year or a moment, as exactly as it was given and not more."""
    event = None if draft.event_id is None else events.look(request.turn, draft.event_id)
    if event is None:
        raise OutdatedError
    zone, now = event.tzinfo, request.turn.now
    if typed in (TODAY, YESTERDAY):
        day = now.astimezone(zone).date() - timedelta(days=typed == YESTERDAY)
        return f"{Precision.DAY.value} {day.isoformat()}"
    for precision in PRECISIONS:
        try:
            return f"{precision.value} {read_past(typed, precision, now, zone)}"
        except RefusalError:
            continue  # it is not written as this precision demands
    raise RefusalError("ledger-when-unreadable")


def _finish(request: Request, draft: Draft) -> None:
    by, basis, of = draft.answer("who"), draft.answer("basis"), draft.answer("of")
    precision, _, value = (draft.answer("day") or "").partition(" ")
    entry = LedgerEntry(
        LedgerKind(draft.answer("entry") or LedgerKind.SAID),
        draft.answer("words") or "",
        None if by is None else ActorKind(by),
        draft.answer("name"),
        RecordDate(Precision(precision), value) if value else None,
        None if basis is None else Basis(basis),
        None if of is None else int(of),
    )
    ledger.enter(request.turn, draft.subject_id, entry)


LEDGER_FORM = Form(
    name=LEDGER,
    action=Action.SEE_INCIDENTS,
    steps=(
        Step("entry", "ledger-ask-kind", read=read_offered(tuple(LedgerKind)), choices=_kinds),
        Step(
            "of",
            "ledger-ask-of",
            read=_read_promise,
            choices=_promises,
            is_optional=True,
            applies=_breaks_a_promise,
        ),
        Step("words", "ledger-ask-words", limit=WORDS_LIMIT),
        Step("who", "ledger-ask-by", read=read_offered(BY), choices=_whoever, is_optional=True),
        Step("name", "ledger-ask-name", is_optional=True, limit=NAME_LIMIT, applies=_has_role),
        Step(
            "day",
            "ledger-ask-when",
            read=_read_when,
            choices=_days,
            choices_in_row=2,
            is_optional=True,
        ),
        Step(
            "basis",
            "ledger-ask-basis",
            read=read_offered(BASES),
            choices=_ways,
            is_optional=True,
            applies=_is_no_contract,
        ),
    ),
    finish=_finish,
)

# ---------------------------------------------------------------- the screen


def render_ledger(showing: Showing, notice: LedgerScreen) -> Screen | None:
    """Show promises beside what became of them, and what was said; the newest last."""
    found = ledger.look(showing.work, notice.venue_id)
    if found is None:
        return None
    title = showing.say("ledger-title", title=found.event.title, number=found.place.number)
    return Screen("\n".join((title, "", *_lines(showing, found))), _rows(showing, found))


def _lines(showing: Showing, found: Ledger) -> list[str]:
    if found.incident is None:
        return [showing.say("ledger-none")]
    if found.record is None:
        unread = closing.unreadable(showing, found.incident.event_id)
        return [unread, showing.say("ledger-add-goes-on")]
    record = found.record
    lines = [_promise_line(showing, one) for one in record.promises[-SHOWN:]]
    lines += [_quote_line(showing, one) for one in record.quotes[-SHOWN:]]
    lines += [
        showing.say("ledger-words", words=_cut(one.value, LONGEST))
        for one in record.claims
        if one.field == "statement"
    ][-SHOWN:]
    more = max(len(record.promises) - SHOWN, 0) + max(len(record.quotes) - SHOWN, 0)
    return [*lines, *((showing.count("ledger-more", more),) if more else ())] or [
        showing.say("ledger-none")
    ]


def _promise_line(showing: Showing, promise: Promise) -> str:
    said = _said_by(showing, promise.by, promise.date)
    words = _cut(promise.promised, LONGEST)
    promised = showing.say("ledger-promised", said=said, words=words)
    if promise.happened is None:
        return promised
    happened = showing.say("ledger-happened", words=_cut(promise.happened, LONGEST))
    return f"{promised}\n{happened}"


def _quote_line(showing: Showing, quote: Quote) -> str:
    said = _said_by(showing, quote.speaker, quote.date)
    return showing.say("ledger-said", said=said, words=_cut(quote.text, LONGEST))


def _said_by(showing: Showing, by: str | None, when: RecordDate | None) -> str:
    role, name = rules.speaker(by or "")
    role_words = None if role is None else showing.plain(choice_key("actor", role))
    parts = (role_words, name, None if when is None else when.value)
    return ", ".join(part for part in parts if part) or showing.plain("unknown")


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _rows(showing: Showing, found: Ledger) -> Rows:
    event_id, place, incident = found.event.id, found.place, found.incident
    rows = [(showing.button("button-ledger-add", LedgerAdd(place.id)),)]
    if incident is not None:
        record = ShowIncident(incident.id)
        rows.append((showing.button("button-ledger-record", record, number=incident.number),))
    rows.append((showing.button("button-threats", ThreatsPress(event_id)),))
    rows.append((showing.button("menu-venue", EventPress("venue", event_id)),))
    others = (
        showing.button("button-ledger-place", LedgerPress(one.id), number=one.number)
        for one in found.others[-3:]
    )
    return (*rows, *((one,) for one in others))
