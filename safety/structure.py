"""What statements say of a record that is no single field: who acted, whom it hit, what was said.

Each part carries who stated it, when, and what they go by. Parts that say different things stand
side by side. What was corrected stands in the corrections alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from safety.cases import CaseSource, named, one_of
from safety.incidents import Entry
from safety.records import (
    Actor,
    Claim,
    Correction,
    Harm,
    HarmKind,
    Link,
    Promise,
    Quote,
    Said,
    Victim,
    VictimRole,
)
from safety.statements import (
    RECORDED,
    Topic,
    basis_of,
    certainty_of,
    corrected_by,
    date_of,
    number_in,
    said_in,
    topic_of,
    written_at,
)
from safety.taxonomy import ActorKind, CountPrecision, LinkKind


def actors(source: CaseSource, standing: Sequence[Entry]) -> tuple[Actor, ...]:
    """Give who acted, statement by statement; whoever is named twice in the same words is one."""
    found: dict[Actor | int, Actor] = {}
    for number, one in enumerate(_actors(source, standing)):
        same = number if one.name is None else replace(one, said=())
        known = found.get(same)
        found[same] = one if known is None else replace(known, said=(*known.said, *one.said))
    return tuple(found.values())


def _actors(source: CaseSource, standing: Sequence[Entry]) -> Iterator[Actor]:
    return (
        Actor(
            kind,
            name=one.detail("name"),
            description=one.detail("description"),
            vehicle=one.detail("vehicle"),
            uniform=one.detail("uniform"),
            badge=one.detail("badge"),
            count=number_in(one, "count"),
            count_precision=one_of(CountPrecision, one.detail("count_precision")),
            said=_said(source, one),
        )
        for one in _of(Topic.ACTOR, standing)
        if (kind := one_of(ActorKind, one.detail("actor")))
    )


def victims(source: CaseSource, standing: Sequence[Entry]) -> tuple[Victim, ...]:
    """Give whom it happened to, by role and number."""
    return tuple(
        Victim(
            role,
            number_in(one, "count"),
            number_in(one, "minors"),
            said=_said(source, one),
            count_precision=one_of(CountPrecision, one.detail("count_precision")),
        )
        for one in _of(Topic.VICTIM, standing)
        if (role := one_of(VictimRole, one.detail("victim")))
    )


def harm(source: CaseSource, standing: Sequence[Entry]) -> tuple[Harm, ...]:
    """Give what was harmed."""
    return tuple(
        Harm(
            kind,
            one.detail("description"),
            treated=_yes(one, "treated"),
            examined=_yes(one, "examined"),
            certificate=_yes(one, "certificate"),
            value=one.detail("value"),
            where=one.detail("where"),
            lawyer_present=_yes(one, "lawyer_present"),
            items=_items(one),
            said=_said(source, one),
        )
        for one in _of(Topic.HARM, standing)
        if (kind := one_of(HarmKind, one.detail("harm")))
    )


def quotes(source: CaseSource, standing: Sequence[Entry]) -> tuple[Quote, ...]:
    """Give what was said, word for word."""
    return tuple(
        Quote(
            one.detail("quote") or "",
            one.detail("language"),
            one.detail("speaker"),
            _said(source, one),
            date_of(dict(one.details)),
        )
        for one in _of(Topic.QUOTE, standing)
    )


def promises(source: CaseSource, standing: Sequence[Entry]) -> tuple[Promise, ...]:
    """Give what was promised; what happened instead, said then or later, beside it."""
    acts = _acts(source, standing)
    found = []
    for one in _of(Topic.PROMISE, standing):
        both = (one, *(act for act, promise in acts if promise is one))
        told = [words for each in both if (words := each.detail("happened"))]
        said = tuple(part for each in both for part in _said(source, each))
        happened = "\n".join(told) or None
        promised, by, when = one.detail("promised"), one.detail("by"), date_of(dict(one.details))
        found.append(Promise(promised or "", by, happened, said, when))
    return tuple(found)


def unpaired(source: CaseSource, standing: Sequence[Entry]) -> tuple[Claim, ...]:
    """Give what happened of promises that were taken back, or are not told here."""
    promised = _of(Topic.PROMISE, standing)
    return tuple(
        _claimed(act.detail("happened") or "", _said(source, act)[0])
        for act, promise in _acts(source, standing)
        if not any(promise is one for one in promised)
    )


def _claimed(value: str, said: Said) -> Claim:
    by, at, basis = said.source, said.at, said.basis
    claim = Claim("promises", value, by, said.certainty, at, basis, said.according_to)
    return replace(claim, written_at=said.written_at)


def _acts(source: CaseSource, standing: Sequence[Entry]) -> list[tuple[Entry, Entry | None]]:
    """Give each act with its promise, as it was corrected last."""
    entries = {leaf: one for one, leaf in numbered(source)}
    corrected = corrected_by(source.entries)
    found = []
    for act in _of(Topic.ACT, standing):
        promise = entries.get(number_in(act, "of") or -1)
        for leaf, one in entries.items():  # in the order in which they came
            if one is promise and leaf in corrected:
                promise = corrected[leaf]
        found.append((act, promise))
    return found


def links(source: CaseSource, standing: Sequence[Entry]) -> tuple[Link, ...]:
    """Give which other records it hangs together with."""
    return tuple(
        Link(kind, number, _said(source, one))
        for one in _of(Topic.LINK, standing)
        if (kind := one_of(LinkKind, one.detail("link")))
        and (number := number_in(one, "record")) is not None
    )


def corrections(source: CaseSource) -> tuple[Correction, ...]:
    """Give each correction beside what it corrects, the oldest first."""
    entries = {leaf: one for one, leaf in numbered(source) if topic_of(one) is not None}
    found = corrected_by(source.entries)
    return tuple(
        _correction(source, entries[leaf], later)
        for leaf, later in sorted(found.items(), key=lambda pair: pair[1].at)
        if leaf in entries
    )


def numbered(source: CaseSource) -> Iterator[tuple[Entry, int]]:
    """Give each entry with its number in the log, where the numbers are known."""
    return zip(source.entries, source.leaves, strict=bool(source.leaves))


def _correction(source: CaseSource, was: Entry, later: Entry) -> Correction:
    topic, new = topic_of(was), topic_of(later)
    return Correction(
        at=later.at.astimezone(source.zone),
        by=named(source, later.source),
        field=RECORDED[topic or Topic.WORDS],
        value=None if new is Topic.TAKEN_BACK else "; ".join(said_in(later)),
        why=later.detail("why"),
        was="; ".join(said_in(was)),
        was_by=named(source, was.source),
        written_at=_written(source, later),
    )


def _of(topic: Topic, standing: Sequence[Entry]) -> list[Entry]:
    return [one for one in standing if topic_of(one) is topic]


def _said(source: CaseSource, entry: Entry) -> tuple[Said, ...]:
    return (
        Said(
            named(source, entry.source),
            certainty_of(entry),
            entry.at.astimezone(source.zone),
            basis_of(entry),
            entry.detail("according_to"),
            _written(source, entry),
        ),
    )


def _written(source: CaseSource, entry: Entry) -> datetime | None:
    moment = written_at(entry)
    return None if moment is None else moment.astimezone(source.zone)


def _yes(entry: Entry, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(entry.detail(name) or "")


def _items(entry: Entry) -> tuple[str, ...]:
    parts = (part.strip() for part in (entry.detail("items") or "").split(";"))
    return tuple(part for part in parts if part)
