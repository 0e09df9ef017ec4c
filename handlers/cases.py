"""What may be said of a case in a chat: numbers, never contents."""

from coordination import cases, incidents, reports
from handlers import closing
from handlers.context import Showing
from handlers.screens import Rows, Screen
from safety import incidents as rules
from safety.exporting import CaseGiven
from safety.incidents import Incident, IncidentState
from safety.people import EventId


def title(showing: Showing, event_id: EventId | None) -> str:
    """Give the neutral title of an event; what happens without one has a name as well."""
    event = cases.event_of(showing.work, event_id)
    return showing.plain("incidents-team") if event is None else event.title


def label_of(showing: Showing, incident: Incident) -> str:
    """Call an incident by its number, kind and moment, on a button."""
    event = cases.event_of(showing.work, incident.event_id)
    zone = showing.zone if event is None else event.tzinfo
    return showing.plain(
        f"incident-line-{incident.state.value}",
        number=incident.number,
        kind=showing.plain(f"incident-kind-{incident.kind.value}"),
        day=showing.day(incident.opened_at, zone),
        time=showing.time(incident.opened_at, zone),
    )


def lines(showing: Showing, event_id: EventId | None) -> list[str]:
    """Count incidents, files and entries of a case, and say where it is given out."""
    states = rules.counted(incidents.list_at(showing.work, event_id))
    counts = cases.count(showing.work, event_id)
    told = [showing.say("incidents-title", title=title(showing, event_id))]
    refused = reports.refused_at(showing.work, event_id)
    if refused:
        told.append(showing.count("report-refused", refused))
    if not any(states.values()):
        return [*told, showing.say("incidents-none")]
    told += [showing.count(f"incidents-{state.value}", states[state]) for state in IncidentState]
    told += ["", showing.count("case-files", counts.files_stored)]
    if counts.files_owed:
        told.append(showing.count("case-files-owed", counts.files_owed))
    told.append(showing.say("case-entries", entries=counts.entries, leaves=counts.leaves))
    if not counts.is_readable:
        told.append(closing.unreadable(showing, event_id))
    told.append(showing.say("case-export-how"))
    return told


def lines_in_mind(showing: Showing) -> list[str]:
    """Count the case of the event that a word without an event means."""
    return lines(showing, cases.event_in_mind(showing.work))


def rows_in_mind(showing: Showing) -> Rows:
    """Give what can be done with that case."""
    return closing.rows(showing, cases.event_in_mind(showing.work))


def render_given(showing: Showing, notice: CaseGiven) -> Screen | None:
    """Say that a case has left the server, in numbers, and for whom."""
    how = "sealed" if notice.is_sealed else notice.level.value
    lines = (
        showing.say("case-given"),
        showing.say(f"case-given-{how}", records=notice.records),
        showing.say("case-given-unasked"),
    )
    return Screen("\n\n".join(lines))
