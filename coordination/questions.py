"""The open questions of records: of one, and of all that the team has had to do with this week."""

from dataclasses import dataclass

from coordination import statements
from coordination.turns import Work
from safety import questions as rules
from safety.incidents import Incident, IncidentState
from safety.people import Unprinted
from safety.statements import Topic
from storage import incidents


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Unprinted):
    """What is open in one record: what is asked, and which fields sources state differently."""

    topics: tuple[Topic, ...]
    differing: tuple[str, ...]

    @property
    def count(self) -> int:
        """Count both."""
        return len(self.topics) + len(self.differing)


@dataclass(frozen=True, slots=True, repr=False)
class Week(Unprinted):
    """The records of this week in which something is open. `is_whole`: all of them were read."""

    waiting: tuple["Waiting", ...]
    is_whole: bool

    @property
    def count(self) -> int:
        """Count the open questions of all of them."""
        return sum(one.asked.count for one in self.waiting if one.asked is not None)


@dataclass(frozen=True, slots=True, repr=False)
class Waiting(Unprinted):
    """One record in which something is open; `asked` is None while it cannot be read."""

    incident: Incident
    asked: Asked | None


def of_incident(work: Work, incident: Incident) -> Asked | None:
    """Say what is open in a record; None while the case cannot be read."""
    record = statements.record_of(work, incident)
    if record is None:
        return None
    return Asked(rules.topics(record), rules.contradictions(record))


def asks_of_liberty(work: Work, incident: Incident) -> bool:
    """Say whether it is asked where somebody was held, and whether a lawyer was there."""
    record = statements.record_of(work, incident)
    return record is not None and rules.lacks_of_liberty(record)


def this_week(work: Work) -> Week:
    """Give the records of this week in which something is open, the newest first.

    What was called false is asked about no more.
    """
    begun = work.now - rules.THIS_WEEK
    found = incidents.since(work.tx, begun, rules.LOOKED_AT + 1)
    read = [
        Waiting(incident, of_incident(work, incident))
        for incident in found[: rules.LOOKED_AT]
        if incident.state is not IncidentState.FALSE
    ]
    waiting = tuple(one for one in read if one.asked is None or one.asked.count)
    return Week(waiting, is_whole=len(found) <= rules.LOOKED_AT)
