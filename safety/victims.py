"""Whom an incident happened to, and what was taken from them, as far as the bot saw it."""

from collections.abc import Sequence

from safety.cases import CaseSource, exact, named
from safety.facts import FactKind
from safety.incidents import Entry
from safety.records import Consent as Level
from safety.records import Harm, HarmKind, Victim, VictimRole
from safety.registration import Consent

_LEVELS = {
    Consent.LAWYER_ONLY: Level.LAWYER,
    Consent.SAY_IT_HAPPENED: Level.CONFIDENTIAL,
    Consent.NAME_ME: Level.PUBLIC,
}
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
    """Give the liberty that was taken, from the first word of it to the release."""
    taken = [one for one in said if one.what == FactKind.DETENTION.value and one.about]
    released = [one for one in said if one.what == FactKind.RELEASED.value]
    taken_from = []
    for reference in dict.fromkeys(one.about for one in taken):
        since = min(one.at for one in taken if one.about == reference)
        until = [one.at for one in released if one.about == reference]
        taken_from.append(
            Harm(
                HarmKind.LIBERTY,
                victim=named(source, reference),
                since=exact(source, since),
                until=exact(source, max(until)) if until else None,
            )
        )
    return tuple(taken_from)
