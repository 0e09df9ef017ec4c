"""The evidence of a record: files with their custody, web pages and places."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from safety import replies
from safety.agreement import agreed_date
from safety.cases import FACTS, SHELL, CaseSource, named, one_of
from safety.claims import point_of
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.incidents import Entry, EntryKind
from safety.origins import POST, origin_of
from safety.records import Custody, Evidence, EvidenceKind, RecordDate
from safety.statements import Topic, date_of, topic_of

AS_COPY = ("copy", "clean")  # the detail of a custody entry: not the original left
AS_SEALED = ("copy", "sealed")  # the original left, and nobody on the server has read it
BY_SHELL = ("by", SHELL)
ABOUT_FILES = frozenset(
    {
        EntryKind.FILE_OWED,
        EntryKind.FILE_STORED,
        EntryKind.FILE_BY_HAND,
        EntryKind.FILE_DAMAGED,
        EntryKind.CUSTODY,
        EntryKind.HANDED_OVER,
    }
)
KINDS = {  # what a phone calls a file
    MediaKind.PHOTO: EvidenceKind.PHOTO,
    MediaKind.VIDEO: EvidenceKind.VIDEO,
    MediaKind.VOICE: EvidenceKind.AUDIO,
    MediaKind.AUDIO: EvidenceKind.AUDIO,
    MediaKind.DOCUMENT: EvidenceKind.DOCUMENT,
}
_GIVEN = EntryKind.HANDED_OVER.value  # speaks of several files at once
ADDRESS = re.compile(r"https?://[^\s<>\"«»]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}'…"  # what a sentence puts behind an address


class Gone(StrEnum):
    """What an export says of a file."""

    GIVEN_OUT = "given out"
    COPIED = "a clean copy was given out"
    GIVEN_OUT_SEALED = "given out sealed"
    RECEIVED = "received"
    SEALED = "sealed"
    NOT_FETCHED = "could not be fetched"
    DAMAGED = "damaged or lost on the disk"
    HANDED_OVER = "handed over to an authority"


def evidence(
    source: CaseSource, said: Sequence[Entry], deciding: Sequence[Entry]
) -> tuple[Evidence, ...]:
    """Give the files of an incident, then what points elsewhere.

    What they are and when they were made is said by what decides, and by nothing that waits.
    """
    stated = [one for one in deciding if topic_of(one) is Topic.EVIDENCE]
    files = (_one_file(source, item, said, stated) for item in source.evidence)
    return (*files, *_addresses(source, said, stated))


def digests_of(entries: Iterable[Entry]) -> Mapping[int, str]:
    """Read the SHA-256 of each stored original, by the number of the file."""
    found = ((one.detail("number"), one.detail("sha256")) for one in entries if one.what != _GIVEN)
    return {int(number): digest for number, digest in found if number and digest}


def _addresses(
    source: CaseSource, said: Sequence[Entry], stated: Sequence[Entry]
) -> tuple[Evidence, ...]:
    """Give what points elsewhere, web pages and places, each by whoever gave it first."""
    found: dict[str, Evidence] = {}
    for one in said:
        for kind, address in _pointed(one):
            at = one.at.astimezone(source.zone)
            by = named(source, one.source)
            here = [each for each in stated if each.detail("page") == address]
            taken = _taken([each for each in here if each.detail("file") is None])
            new = Evidence(kind, address=address, captured_at=at, taken=taken, given_by=by)
            found.setdefault(address, new)
    return tuple(found.values())


def _taken(stated: Sequence[Entry]) -> RecordDate | None:
    """Give when it was made, where all agree who say so; else the claims tell."""
    dates = (date_of(dict(one.details)) for one in stated)
    return agreed_date(one for one in dates if one is not None)


def _pointed(entry: Entry) -> Iterator[tuple[EvidenceKind, str]]:
    if topic_of(entry) is Topic.EVIDENCE:
        yield from _page(entry)
    if entry.what not in FACTS and topic_of(entry) is None:
        return
    for name, value in entry.details:
        point = point_of(value) if name == "location" else None
        if point is not None:
            yield EvidenceKind.LOCATION, f"geo:{value}"
        if name == POST:
            yield EvidenceKind.WEB_ADDRESS, value
        if name in {"text", "words"}:
            for address in ADDRESS.findall(value):
                yield EvidenceKind.WEB_ADDRESS, address.rstrip(_AFTER_ADDRESS)


def _page(entry: Entry) -> Iterator[tuple[EvidenceKind, str]]:
    """Give the page that a statement is about; one that a file shows stands with the file."""
    page = entry.detail("page")
    if page is not None and entry.detail("file") is None:
        yield EvidenceKind.WEB_ADDRESS, page


def _one_file(
    source: CaseSource, item: EvidenceItem, said: Sequence[Entry], stated: Sequence[Entry]
) -> Evidence:
    mine = [one for one in said if one.what in ABOUT_FILES and _is_about(one, item)]
    facts = {name: value for one in mine for name, value in one.details if one.what != _GIVEN}
    is_stored = item.state is EvidenceState.STORED and item.number not in source.damaged
    of_it = [one for one in stated if one.detail("file") == str(item.number)]
    pages = {one.detail("page") for one in of_it} - {None}
    given = [one.source for one in mine if one.what == EntryKind.FILE_OWED.value and one.source]
    return Evidence(
        id=item.number,
        kind=_kind(item, said, of_it),
        sha256=facts.get("sha256"),
        size=int(facts["size"]) if "size" in facts else None,
        file=source.file_name(item.number, facts.get("name")) if is_stored else None,
        name=facts.get("name"),
        address=pages.pop() if len(pages) == 1 else None,
        taken=_taken(of_it),
        received_at=item.received_at.astimezone(source.zone),
        given_by=named(source, given[0]) if given else None,
        forwarded=next((found for one in mine if (found := origin_of(one, source))), None),
        is_owed=None if is_stored else True,
        clean=source.clean.get(item.number),
        copy_of=int(facts["copy_of"]) if "copy_of" in facts else None,
        same_as=_same_as(source, item.number),
        custody=tuple(_custody(source, one) for one in mine),
    )


def _kind(item: EvidenceItem, said: Sequence[Entry], stated: Sequence[Entry]) -> EvidenceKind:
    """Say what a file is: what people call it where they agree, else what a phone did."""
    called = {kind for one in stated if (kind := one_of(EvidenceKind, one.detail("evidence")))}
    if replies.is_official(said, item.number):
        called.add(EvidenceKind.OFFICIAL_REPLY)
    return called.pop() if len(called) == 1 else KINDS[item.kind]


def _same_as(source: CaseSource, number: int) -> tuple[int, ...]:
    """Name the other files of the case with the very same bytes."""
    mine = source.digests.get(number)
    others = (other for other, digest in source.digests.items() if digest == mine)
    return () if mine is None else tuple(sorted(other for other in others if other != number))


def _is_about(entry: Entry, item: EvidenceItem) -> bool:
    return str(item.number) in (entry.detail("number") or "").split(",")


def _custody(source: CaseSource, entry: Entry) -> Custody:
    what = {
        EntryKind.FILE_OWED.value: Gone.RECEIVED,
        EntryKind.FILE_STORED.value: Gone.SEALED,
        EntryKind.FILE_BY_HAND.value: Gone.NOT_FETCHED,
        EntryKind.FILE_DAMAGED.value: Gone.DAMAGED,
        EntryKind.HANDED_OVER.value: Gone.HANDED_OVER,
    }.get(entry.what, _given_out(entry))
    by = entry.detail("brought") or entry.detail("by") or named(source, entry.source)
    return Custody(entry.at.astimezone(source.zone), what.value, by)


def _given_out(entry: Entry) -> Gone:
    if AS_COPY in entry.details:
        return Gone.COPIED
    return Gone.GIVEN_OUT_SEALED if AS_SEALED in entry.details else Gone.GIVEN_OUT
