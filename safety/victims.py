"""Whom an incident happened to, and what was taken from them, as far as the bot saw it."""

from collections.abc import Sequence
from datetime import datetime

from safety.cases import CaseSource, exact, named
from safety.detentions import LAWYER_PRESENT, LawyerThere
from safety.facts import FactKind
from safety.incidents import Entry
from safety.records import Certainty, Harm, HarmKind, Said, Victim, VictimRole
from safety.records import Consent as Level
from safety.registration import Consent

_LEVELS = {
    Consent.LAWYER_ONLY: Level.LAWYER,
    Consent.SAY_IT_HAPPENED: Level.CONFIDENTIAL,
    Consent.NAME_ME: Level.PUBLIC,
}
_HELD = frozenset({FactKind.DETENTION.value, FactKind.ESCORT.value})
_HARMED = frozenset(
    {
        FactKind.DETENTION.value,
        FactKind.ESCORT.value,
        FactKind.DATA_TAKEN.value,
        FactKind.NEEDS_HELP.value,
        FactKind.INJURY.value,
    }
)


def victims(source: CaseSource, said: Sequence[Entry]) -> tuple[Victim, ...]:
    """Give each person whom it happened to, by reference, once."""
    references = [one.about for one in said if one.what in _HARMED and one.about is not None]
    return tuple(_victim(source, one) for one in dict.fromkeys(references))


def _victim(source: CaseSource, reference: str) -> Victim:
    identity = source.identities.get(reference)
    name = named(source, reference)
    if identity is None:
        return Victim(VictimRole.PARTICIPANT, 1, reference=name)
    minors = 1 if identity.is_minor else None
    level = _LEVELS[identity.consent]
    return Victim(VictimRole.PARTICIPANT, 1, minors, name, level)


def harm(source: CaseSource, said: Sequence[Entry]) -> tuple[Harm, ...]:
    """Give the liberty that was taken, from the first word of it to the release.

    Where they were brought, and whether a lawyer was there, stands with whoever told it.
    """
    taken = [one for one in said if one.what == FactKind.DETENTION.value and one.about]
    released = [one for one in said if one.what == FactKind.RELEASED.value]
    taken_from = []
    for reference in dict.fromkeys(one.about for one in taken):
        since = min(one.at for one in taken if one.about == reference)
        until = [one.at for one in released if one.about == reference]
        mine = [one for one in said if one.about == reference and one.what in _HELD]
        places = [place for one in mine if (place := _brought_to(one))]
        lawyer = _lawyer(mine)
        taken_from.append(
            Harm(
                HarmKind.LIBERTY,
                victim=named(source, reference),
                since=exact(source, since),
                until=exact(source, max(until)) if until else None,
                where="; ".join(dict.fromkeys(places)) or None,
                lawyer_present=lawyer,
                said=tuple(
                    Said(named(source, one.source), Certainty.REPORTED, _local(source, one))
                    for one in mine
                    if _brought_to(one) or (lawyer is not None and one.detail(LAWYER_PRESENT))
                ),
            )
        )
    return tuple(taken_from)


def _local(source: CaseSource, entry: Entry) -> datetime:
    return entry.at.astimezone(source.zone)


def _brought_to(entry: Entry) -> str | None:
    """Give the place that somebody was brought to; where they were only seen is none."""
    return entry.detail("transferred") or entry.detail("arrived")


def _lawyer(entries: Sequence[Entry]) -> bool | None:
    """Say whether a lawyer was there, by each source's last word; None: unknown, or at odds."""
    told = {one.source: word for one in entries if (word := one.detail(LAWYER_PRESENT))}
    words = set(told.values()) - {LawyerThere.UNKNOWN.value}
    return words.pop() == LawyerThere.YES.value if len(words) == 1 else None
