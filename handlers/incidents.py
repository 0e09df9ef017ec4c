"""`/incidents`: what happened, in numbers; what was said of one, only while the case is open."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from coordination import cases, incidents
from handlers import (
    additions,
    closing,
    complaints,
    paging,
    questions,
    reportlinks,
    reports,
)
from handlers import cases as case_texts
from handlers.buttons import pack
from handlers.buttons.incidents import (
    ConfirmIncident,
    FalseIncident,
    IncidentMorePress,
    IncidentPage,
    ShowIncident,
)
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from handlers.statementwords import told
from safety import details, origins
from safety.additions import waits
from safety.datataken import is_shown
from safety.detentions import LAWYER_PRESENT
from safety.errors import OutdatedError
from safety.facts import FactKind
from safety.incidents import (
    Entry,
    EntryKind,
    Incident,
    IncidentKind,
    IncidentList,
    IncidentMore,
    IncidentNews,
    IncidentScreen,
    IncidentState,
)
from safety.paging import cut
from safety.people import EventId
from safety.reports import ReportQuestion

SHOWN = 12  # entries of one incident; the rest is counted
LONGEST = 300  # characters of one entry on the screen; the case holds all of it
FREE_WORDS = (
    *("text", "words", "place", "transferred", "stop", "arrived", "reason", "location"),
    *("authority-name", "registered", "on", "until", "summary", "reply", "searched", "number"),
    *(origins.BY, origins.WHERE, origins.POST),
)


def show_list(request: Request) -> None:
    """Show the incidents of the event that is on, or of the latest one."""
    request.turn.reply(IncidentList(cases.event_in_mind(request.turn)))


def press_page(request: Request, press: IncidentPage) -> str | None:
    """Show another page, or another event's incidents."""
    event_id = EventId(press.event_id) if press.event_id else None
    request.turn.reply(IncidentList(event_id, max(press.page, 0)))
    return None


def press_more(request: Request, press: IncidentMorePress) -> None:
    """Show what else can be done, and other events."""
    event_id = EventId(press.event_id) if press.event_id else None
    request.turn.reply(IncidentMore(event_id, press.page))


def press_show(request: Request, press: ShowIncident) -> str | None:
    """Show one incident in a message of its own, which goes soon.

    Raises:
        OutdatedError: there is no such incident.
    """
    incident = incidents.look(request.turn, press.incident_id)
    if incident is None:
        raise OutdatedError
    request.turn.tell(IncidentScreen(incident.id), incident.event_id)
    return None


def press_confirm(request: Request, press: ConfirmIncident) -> str | None:
    """Stand for it; whoever has not seen all that was added is shown that first."""
    before = incidents.look(request.turn, press.incident_id)
    if before is not None and incidents.count_added(request.turn, before.id) != press.seen:
        _show_again(request, before)
        return "answer-additions-meanwhile"
    incident = incidents.confirm(request.turn, press.incident_id, press.seen)
    _show_again(request, incident)
    return "incident-now-counts"


def press_false(request: Request, press: FalseIncident) -> str | None:
    """Call it false."""
    incident = incidents.call_false(request.turn, press.incident_id)
    _show_again(request, incident)
    return "incident-now-false"


def _show_again(request: Request, incident: Incident) -> None:
    request.turn.reply(IncidentScreen(incident.id), incident.event_id)


def render_news(showing: Showing, notice: IncidentNews) -> Screen | None:
    """Say that something was reported: a number, and the rest behind *Show*."""
    incident = incidents.look(showing.work, notice.incident_id)
    if incident is None:
        return None
    row = (showing.button("button-show", ShowIncident(incident.id)),)
    return Screen(showing.say("incident-news", number=incident.number), (row,))


def render_list(showing: Showing, notice: IncidentList) -> Screen | None:
    """Show the counts, and a line and a button for each incident."""
    ending = ((questions.week_button(showing),), *_more_row(showing, notice.event_id))
    found = incidents.list_at(showing.work, notice.event_id)
    page = cut(found, notice.page, beside=len(ending))
    rows = [(_line(showing, incident),) for incident in page.items]
    turns = paging.turns(showing, page, partial(IncidentPage, notice.event_id or 0))
    lines = [
        *case_texts.lines(showing, notice.event_id),
        *additions.mark_lines(showing, page.items),
    ]
    return Screen("\n".join(lines), (*rows, *turns, *ending))


def _line(showing: Showing, incident: Incident) -> Press:
    label = additions.marked(showing, incident, case_texts.label_of(showing, incident))
    return Press(label, pack(ShowIncident(incident.id)))


def _more_row(showing: Showing, event_id: EventId | None) -> Rows:
    """Give the way to what else there is, where there is anything."""
    if not (_others(showing, event_id) or _case_rows(showing, event_id)):
        return ()
    return ((showing.button("button-incidents-more", IncidentMorePress(event_id or 0, 0)),),)


def _others(showing: Showing, event_id: EventId | None) -> list[EventId | None]:
    return [one for one in cases.events_with_incidents(showing.work) if one != event_id]


def _case_rows(showing: Showing, event_id: EventId | None) -> Rows:
    return (*reportlinks.list_row(showing, event_id), *closing.rows(showing, event_id))


def render_more(showing: Showing, notice: IncidentMore) -> Screen | None:
    """Show what else can be done with a case, and the other events that have incidents."""
    event_id = notice.event_id
    case = _case_rows(showing, event_id)
    page = cut(_others(showing, event_id), notice.page, beside=len(case) + 1)
    others = (
        (Press(case_texts.title(showing, one), pack(IncidentPage(one or 0, 0))),)
        for one in page.items
    )
    turns = paging.turns(showing, page, partial(IncidentMorePress, event_id or 0))
    back = showing.button("button-back", IncidentPage(event_id or 0, 0))
    return Screen(showing.say("incidents-more"), (*case, *others, *turns, (back,)))


def render_incident(showing: Showing, notice: IncidentScreen) -> Screen | None:
    """Show one incident: its state, and what was said of it while the case can be read."""
    incident = incidents.look(showing.work, notice.incident_id)
    if incident is None:
        return None
    zone = _zone(showing, incident)
    entries = incidents.entries_of(showing.work, incident)
    waiting = waits(incident, entries or ())
    is_decision = incident.kind is IncidentKind.DECISION
    title = "decision-title" if is_decision else f"incident-title-{incident.state.value}"
    lines = [
        showing.say(
            title,
            number=incident.number,
            kind=showing.plain(f"incident-kind-{incident.kind.value}"),
            day=showing.day(incident.opened_at, zone),
            time=showing.time(incident.opened_at, zone),
        ),
        *_said(showing, incident, zone, entries),
        *additions.waiting_lines(showing, waiting),
    ]
    return Screen("\n".join(lines), _judging(showing, incident, waiting))


def _judging(showing: Showing, incident: Incident, waiting: int) -> Rows:
    if incident.kind is IncidentKind.DECISION:
        return ()  # it was made by whoever stands for it
    rows = [*additions.rows(showing, incident, waiting)]
    if incident.state is not IncidentState.CONFIRMED:
        rows.append((additions.confirm_button(showing, incident, "button-incident-confirm"),))
    if incident.state is not IncidentState.FALSE:
        rows.append((showing.button("button-incident-false", FalseIncident(incident.id)),))
    open_questions = (questions.incident_button(showing, incident),)
    return (*rows, open_questions, *complaints.row(showing, incident))


def _said(
    showing: Showing, incident: Incident, zone: ZoneInfo, entries: Sequence[Entry] | None
) -> list[str]:
    if entries is None:
        return ["", closing.unreadable(showing, incident.event_id)]
    telling = [entry for entry in entries if entry.what not in _UNSHOWN]
    silent = _silent(showing, entries)
    lines = ["", *(_entry_line(showing, entry, zone, silent) for entry in telling[:SHOWN])]
    if len(telling) > SHOWN:
        lines.append(showing.count("incident-more-entries", len(telling) - SHOWN))
    return lines


_UNSHOWN = frozenset({EntryKind.IDENTITY.value, EntryKind.CUSTODY.value, EntryKind.RECORD.value})


def _silent(showing: Showing, entries: Sequence[Entry]) -> frozenset[str]:
    """Name those of whom organizers may not read what was taken from them."""
    known = cases.known_in(showing.work, entries)
    about = {one.about for one in entries if one.what == FactKind.DATA_TAKEN.value}
    words = {one: known[one].consent if one in known else None for one in about if one is not None}
    return frozenset(one for one, said in words.items() if not is_shown(said, is_lawyer=False))


def _entry_line(showing: Showing, entry: Entry, zone: ZoneInfo, silent: frozenset[str]) -> str:
    values = [_value(showing, name, value) for name, value in entry.details]
    words = told(showing.plain, entry) or "; ".join(value for value in values if value)
    if entry.what == FactKind.DATA_TAKEN.value and entry.about in silent:
        words = showing.plain("data-taken-withheld")
    what = showing.plain(f"entry-{entry.what}", record=entry.detail("record") or "")
    time = showing.time(entry.at, zone)
    source = additions.written_by(showing, entry) or _who(showing, entry.source)
    if not words:
        return showing.say("incident-entry", time=time, what=what, source=source)
    return showing.say(
        "incident-entry-words", time=time, what=what, source=source, words=words[:LONGEST]
    )


# Chosen values that say too little without their name: they stand in the record alone.
_BEHIND_NAMES = frozenset({"way", "remind", "examined", "certificate", LAWYER_PRESENT})


def _value(showing: Showing, name: str, value: str) -> str:
    keys = [details.value_key(name, one) for one in value.split(",")]
    if all(keys) and name not in _BEHIND_NAMES:
        return ", ".join(showing.plain(key) for key in keys if key)
    if name == origins.BY and origins.is_of_ours(value):
        return _who(showing, value)
    if name in FREE_WORDS:
        return value
    if name == "signs":
        return showing.plain("decision-signs", number=value)
    question = next((one for one in ReportQuestion if one.value == name), None)
    if question is None:
        return ""
    key = reports.label_of(question, value)
    return showing.plain(key) if key in showing.texts.keys else ""


def _who(showing: Showing, reference: str | None) -> str:
    return showing.plain(f"source-{_kind_of_source(reference)}", number=(reference or "")[-4:])


def _kind_of_source(reference: str | None) -> str:
    kind = "bot" if reference is None else reference.rsplit("-", 1)[0]
    return kind if kind in {"bot", "person", "link", "team"} else "team"


def _zone(showing: Showing, incident: Incident) -> ZoneInfo:
    event = cases.event_of(showing.work, incident.event_id)
    return showing.zone if event is None else event.tzinfo
