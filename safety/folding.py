"""From what was said of an incident to its record: nothing is added, nobody wins.

A record says what entries say and no more (ADR-0009). Each feature folds its own kinds of entries
in a file of its own; here they are put together.
"""

from collections.abc import Sequence

from safety import (
    additions,
    casefiles,
    claims,
    datataken,
    injuries,
    replies,
    statements,
    structure,
    victims,
)
from safety.cases import CaseSource, named
from safety.incidents import Entry, EntryKind, IncidentState
from safety.records import Confirmation, Link, Record
from safety.taxonomy import LinkKind


def fold(source: CaseSource) -> Record:
    """Make the record of one incident."""
    leaves = source.leaves or [-1] * len(source.entries)
    stands = statements.standing(source.entries, leaves)
    said = [one for one in stands if one.what != EntryKind.IDENTITY.value]
    deciding = additions.deciding(source.incident, said)
    return Record(
        id=source.incident.number,
        types=tuple(dict.fromkeys((*claims.types(deciding), *datataken.types(deciding)))),
        claims=(*claims.claims(source, said), *structure.unpaired(source, said)),
        date=claims.date(source, deciding),
        place=claims.place(deciding),
        actors=structure.actors(source, said),
        victims=(*victims.victims(source, said), *structure.victims(source, said)),
        harm=(
            *victims.harm(source, said),
            *datataken.harm(source, said),
            *injuries.harm(source, said),
            *structure.harm(source, said),
        ),
        quotes=structure.quotes(source, said),
        promises=structure.promises(source, said),
        evidence=casefiles.evidence(source, said, deciding),
        case=replies.steps(said),
        links=(*_links(said), *structure.links(source, said)),
        confirmed_by=_confirmed_by(source, said),
        corrections=structure.corrections(source),
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
