"""Where what somebody forwards was first said: evidence as much as the words themselves.

It is sealed with what was forwarded, entry by entry. Nobody asked whoever said it first: their
name is for the lawyer alone; whom the bot knows stands there by reference (ADR-0034).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from safety.cases import CaseSource, named, one_of
from safety.facts import Fact
from safety.incidents import Entry
from safety.people import Unprinted
from safety.records import Forwarded
from safety.taxonomy import OriginKind

LONGEST = 255  # characters of a name, a title or an address that are kept
KIND, AT = "forwarded", "forwarded-at"
BY = "forwarded-by"  # a person's name, or how they sign
WHERE, POST = "forwarded-in", "forwarded-post"  # a group or channel by its title; its address
ORIGIN = frozenset({KIND, AT, BY, WHERE, POST})
_OF_OURS = re.compile(r"(person|team)-\d+")
_LIKE_REFERENCE = re.compile(r"\s*[a-z-]+-\d+\s*", re.IGNORECASE)
_SENT = frozenset({"text", "words", "location"})  # details that hold what was sent


@dataclass(frozen=True, slots=True, repr=False)
class Origin(Unprinted):
    """What the service says of a forwarded message. `user_id` is the account's, where it shows."""

    kind: OriginKind
    at: datetime
    by: str | None = None
    where: str | None = None
    post: str | None = None
    user_id: int | None = None


def is_of_ours(by: str) -> bool:
    """Say whether whoever said it first is somebody the bot knows, by reference; see `quoted`."""
    return _OF_OURS.fullmatch(by) is not None


def quoted(origin: Origin) -> Origin:
    """Set a name in quotation marks that could be read as a reference: names are chosen freely."""
    is_like = _LIKE_REFERENCE.fullmatch(origin.by or "") is not None
    return replace(origin, by=f"“{origin.by}”") if is_like else origin


def details(origin: Origin | None) -> tuple[tuple[str, str], ...]:
    """Write an origin as the details of an entry; none where nothing was forwarded."""
    if origin is None:
        return ()
    found = ((BY, origin.by), (WHERE, origin.where), (POST, origin.post))
    told = ((name, value[:LONGEST]) for name, value in found if value)
    return ((KIND, origin.kind.value), (AT, origin.at.isoformat()), *told)


def marked(fact: Fact, origin: Origin | None) -> Fact:
    """Give a fact with the origin of what was sent, if it holds anything that was."""
    holds_it = any(name in _SENT for name, _ in fact.details)
    return replace(fact, details=(*fact.details, *details(origin))) if holds_it else fact


def origin_of(entry: Entry, source: CaseSource) -> Forwarded | None:
    """Read where what an entry holds was first said; None: it was not forwarded."""
    kind = one_of(OriginKind, entry.detail(KIND))
    if kind is None:
        return None
    at, by = entry.detail(AT), entry.detail(BY)
    return Forwarded(
        kind,
        at=None if at is None else datetime.fromisoformat(at).astimezone(source.zone),
        by=None if by is None else named(source, by),
        where=entry.detail(WHERE),
        address=entry.detail(POST),
    )


def nameless(told: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Leave out who is a person: whoever is forwarded was never asked."""
    return tuple((name, value) for name, value in told if name != BY)
