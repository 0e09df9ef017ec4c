"""What was written on a computer and brought: told in numbers, marked where it is read."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from coordination import additions, incidents
from handlers.buttons.incidents import ConfirmIncident, IncidentPage
from handlers.buttons.questions import StatementsPress
from handlers.context import Showing
from handlers.screens import Press, Rows, Screen
from safety.additions import AdditionsBrought
from safety.incidents import Entry, Incident
from safety.statements import written_at


def render_news(showing: Showing, notice: AdditionsBrought) -> Screen | None:
    """Say how much was brought and by whom it was written; nothing of what it says."""
    text = showing.say(
        "additions-brought",
        additions=notice.additions,
        records=notice.records,
        name=notice.name,
    )
    look = showing.button("button-additions-look", IncidentPage(notice.event_id, 0))
    return Screen(text, ((look,),))


def written_by(showing: Showing, entry: Entry) -> str | None:
    """Say who wrote an entry on a computer; None where it was not written there."""
    if written_at(entry) is None:
        return None
    name = additions.writer_name(showing.work, entry.source)
    if name is None:
        return showing.plain("additions-by-removed")
    return showing.plain("additions-by", name=name)


def written_line(showing: Showing, entry: Entry, zone: ZoneInfo) -> list[str]:
    """Say who wrote a statement on a computer, and when by the clock there."""
    moment, by = written_at(entry), written_by(showing, entry)
    if moment is None or by is None:
        return []
    day, time = showing.day(moment, zone), showing.time(moment, zone)
    return [showing.say("additions-written", by=by, day=day, time=time)]


def marked(showing: Showing, incident: Incident, label: str) -> str:
    """Mark the label of an incident of which something was written on a computer."""
    if not incidents.count_added(showing.work, incident.id):
        return label
    return showing.plain("additions-line", line=label)


def mark_lines(showing: Showing, found: Sequence[Incident]) -> list[str]:
    """Say what the mark means, where one stands."""
    is_marked = any(incidents.count_added(showing.work, one.id) for one in found)
    return [showing.say("additions-mark")] if is_marked else []


def waiting_lines(showing: Showing, waiting: int) -> list[str]:
    """Say how much was brought that nobody has confirmed since."""
    return [showing.count("additions-waiting", waiting)] if waiting else []


def rows(showing: Showing, incident: Incident, waiting: int) -> Rows:
    """Offer to read what was brought, and to confirm it, while so much `waiting` is to be."""
    if not waiting:
        return ()
    return (
        (showing.button("button-additions-show", StatementsPress(incident.id, 0)),),
        (confirm_button(showing, incident, "button-additions-confirm"),),
    )


def confirm_button(showing: Showing, incident: Incident, label: str) -> Press:
    """Offer to stand for an incident, with as much of what was added as can be read now."""
    seen = incidents.count_added(showing.work, incident.id)
    return showing.button(label, ConfirmIncident(incident.id, seen))
