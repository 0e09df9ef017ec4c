"""Completing a record: statements are added one by one, and nothing that stands there is changed.

Adding needs no reading. Only whoever corrects something, or says what became of a promise, has to
see it, and so waits until the case is open again.
"""

from coordination import cases
from coordination.cases import Giving, Told
from coordination.turns import Turn, Work, use_case
from safety import incidents as incident_rules
from safety import statements as rules
from safety.errors import OutdatedError
from safety.evidence import EvidenceItem
from safety.incidents import Entry, Incident
from safety.permissions import Action
from safety.records import Record
from safety.statements import Fields, Topic
from storage import casekeys, evidence, incidents
from storage.incidents import Stored
from storage.transaction import LockedError


@use_case(Action.SEE_INCIDENTS)
def state(turn: Turn, incident_id: int, topic: Topic, fields: Fields) -> Incident:
    """Add a statement of the actor's to an incident.

    Raises:
        OutdatedError: there is no such incident, nothing can be added to it, it says what no
            statement may, or what it corrects does not stand any more.
    """
    incident = incidents.get(turn.tx, incident_id)
    if incident is None or not casekeys.can_add(turn.tx, incident.event_id):
        raise OutdatedError
    _require_standing(turn, incident, topic, dict(fields))
    by = incident_rules.actor_reference(turn.actor)
    try:
        entry = rules.entry_of(incident.number, turn.now, by, topic, fields)
    except ValueError:
        raise OutdatedError from None
    incidents.add_entry(turn.tx, turn.now, incident, entry)
    return incident


def record_of(work: Work, incident: Incident) -> Record | None:
    """Make the record of one incident as it stands; None while the case cannot be read."""
    stored = _read(work, incident)
    if stored is None:
        return None
    zone = cases.zone_at(work, incident.event_id)
    told = [Told(incident, stored, evidence.of_incident(work.tx, incident.id))]
    return next(record for _, record in cases.records_of(told, {}, Giving(zone)))


def files_of(work: Work, incident: Incident) -> list[EvidenceItem]:
    """Give the files of an incident, in the order they came; reading nothing."""
    return evidence.of_incident(work.tx, incident.id)


def standing(work: Work, incident: Incident) -> list[tuple[int, Entry]] | None:
    """Give the statements of an incident that nobody has corrected, each with its number in the
    log, the newest first; None while the case cannot be read.
    """
    stored = _read(work, incident)
    if stored is None:
        return None
    entries, leaves = [one.entry for one in stored], [one.committed.leaf for one in stored]
    return rules.correctable(entries, leaves)


def find_standing(work: Work, incident: Incident, leaf: int) -> Entry | None:
    """Give the statement with this number in the log, if it stands and can be read."""
    return dict(standing(work, incident) or ()).get(leaf)


def unanswered_promise(work: Work, incident: Incident) -> int | None:
    """Give the oldest promise of which nobody said what came of it, by its number in the log."""
    return min(rules.unanswered(standing(work, incident) or ()), default=None)


def _require_standing(turn: Turn, incident: Incident, topic: Topic, said: dict[str, str]) -> None:
    for name, allowed in (("corrects", {topic}), ("of", {Topic.PROMISE})):
        if name in said and not (name == "of" and "corrects" in said):
            leaf = int(said[name]) if rules.fits(rules.LEAVES, said[name]) else -1
            entry = find_standing(turn, incident, leaf)
            found = None if entry is None else rules.topic_of(entry)
            if found is None or (topic is not Topic.TAKEN_BACK and found not in allowed):
                raise OutdatedError


def _read(work: Work, incident: Incident) -> list[Stored] | None:
    try:
        return incidents.entries(work.tx, incident)
    except LockedError:
        return None
