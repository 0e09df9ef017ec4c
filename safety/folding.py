"""From what was said of an incident to its record: nothing is added, nobody wins.

A record says what entries say and no more (ADR-0009). Each feature folds its own kinds of entries
in a file of its own; here they are put together.
"""

from collections.abc import Sequence

from safety import casefiles, claims, victims
from safety.cases import CaseSource, named
from safety.incidents import Entry, EntryKind, IncidentState
from safety.records import Confirmation, Link, LinkKind, Record


def fold(source: CaseSource) -> Record:
    """Make the record of one incident."""
    said = [one for one in source.entries if one.what != EntryKind.IDENTITY.value]
    return Record(
        id=source.incident.number,
        types=claims.types(said),
        claims=claims.claims(source, said),
        date=claims.date(source, said),
        place=claims.place(said),
        victims=victims.victims(source, said),
        harm=victims.harm(source, said),
        evidence=casefiles.evidence(source, said),
        links=_links(said),
        confirmed_by=_confirmed_by(source, said),
    )


def _links(said: Sequence[Entry]) -> tuple[Link, ...]:
    numbers = [one.detail("record") for one in said if one.what == EntryKind.LINK.value]
    return tuple(Link(LinkKind.FOLLOWS, int(number)) for number in numbers if number)


def _confirmed_by(source: CaseSource, said: Sequence[Entry]) -> tuple[Confirmation, ...]:
    if source.incident.state is not IncidentState.CONFIRMED:
        return ()
    return tuple(
        Confirmation(named(source, one.source), one.at.astimezone(source.zone))
        for one in said
        if one.what == EntryKind.CONFIRMED.value
    )
