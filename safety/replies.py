"""What was answered, set against the evidence; and a complaint's steps as a record tells them.

The bot sees some disagreements by itself, and proposes them; only what a person has confirmed
stands in a record, and nothing is made up: every part of it was stated by somebody.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from safety.cases import one_of
from safety.incidents import Entry, EntryKind
from safety.people import Unprinted
from safety.records import (
    CaseState,
    CaseStep,
    Evidence,
    EvidenceKind,
    IncidentType,
    Precision,
    Record,
    RecordDate,
)
from safety.taxonomy import ActorKind

THREATS = frozenset(
    {
        IncidentType.CALL_TO_VIOLENCE,
        IncidentType.DEATH_THREAT,
        IncidentType.THREAT_AT_SCENE,
        IncidentType.IDENTITY_CIRCULATED,
    }
)
_KINDS = frozenset(
    {
        EntryKind.COMPLAINT.value,
        EntryKind.COMPLAINT_REPLY.value,
        EntryKind.COMPLAINT_DUE.value,
        EntryKind.HANDED_OVER.value,
        EntryKind.DISAGREEMENT.value,
    }
)
_TEXT = re.compile(r"reply: (.*?); evidence: (.*?); shows: (.*)", re.DOTALL)
_HOST = re.compile(r"https?://(?:[^/?#\s]*@)?([^/:?#\s]+)", re.IGNORECASE)


class Says(StrEnum):
    """What a reply says, as taps can tell it."""

    NO_THREATS = "no_threats_found"
    SEARCHED = "searched_a_platform"
    PROTECTED = "everyone_was_protected"
    NO_OFFENCE = "no_offence_found"
    NOBODY = "nobody_identified"
    NO_EVIDENCE = "no_evidence_received"


class Shows(StrEnum):
    """What a piece of evidence shows against it."""

    THREATS = "threats"
    ELSEWHERE = "another_platform"
    NO_PROTECTION = "no_protection"
    VIOLENCE = "violence"
    WHO = "who_it_was"
    HANDED_OVER = "it_was_handed_over"


AGAINST = {
    Says.NO_THREATS: Shows.THREATS,
    Says.SEARCHED: Shows.ELSEWHERE,
    Says.PROTECTED: Shows.NO_PROTECTION,
    Says.NO_OFFENCE: Shows.VIOLENCE,
    Says.NOBODY: Shows.WHO,
    Says.NO_EVIDENCE: Shows.HANDED_OVER,
}

# Where threats stand: how people write its name, and the hosts of its addresses.
PLATFORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "YouTube": (("youtube", "ютуб", "ютьюб"), ("youtube.com", "youtu.be")),
    "Facebook": (("facebook", "фейсбук"), ("facebook.com", "fb.com", "fb.watch")),
    "Instagram": (("instagram", "инстаграм"), ("instagram.com",)),
    "TikTok": (("tiktok", "тикток", "тик-ток"), ("tiktok.com",)),
    "Telegram": (("telegram", "телеграм"), ("t.me", "telegram.me")),
    "VK": (("вконтакте", "vkontakte"), ("vk.com", "vk.ru")),
    "WhatsApp": (("whatsapp", "ватсап", "вотсап"), ("whatsapp.com", "wa.me")),
    "X": (("twitter", "твиттер"), ("x.com", "twitter.com")),
}


@dataclass(frozen=True, slots=True, repr=False)
class Reply(Unprinted):
    """What an authority has answered; `files` are numbers of evidence with the reply itself."""

    says: tuple[Says, ...] = ()
    platform: str | None = None  # which one was searched
    summary: str | None = None
    words: str | None = None  # verbatim
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Disagreement(Unprinted):
    """What a reply says, and which evidence shows what against it."""

    says: Says
    evidence: tuple[int, ...]
    shows: str  # one of `Shows`, or somebody's own words
    platform: str | None = None  # that was searched
    address: str | None = None  # of evidence that is no file

    @property
    def text(self) -> str:
        """Write it as a record does: three parts, of which the last may be anybody's words."""
        says = _on_platform(self.says, self.platform)
        found = [str(number) for number in self.evidence]
        found += [] if self.address is None else [self.address]
        return f"reply: {says}; evidence: {', '.join(found)}; shows: {self.shows}"

    @property
    def mark(self) -> int:
        """Give a short number by which a button means this one and no other; it keeps nothing."""
        return zlib.crc32(self.text.encode())

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Write it as an entry keeps it; what is unknown is left out."""
        numbers = ",".join(str(number) for number in self.evidence)
        every = (
            ("says", self.says.value),
            ("searched", self.platform),
            ("evidence", numbers),
            ("address", self.address),
            ("shows", self.shows),
        )
        return tuple((name, value) for name, value in every if value)


def parts_of(text: str) -> tuple[str, str, str] | None:
    """Take a disagreement as a record writes it apart: what is said, where, what is shown."""
    found = _TEXT.fullmatch(text)
    return None if found is None else (found[1], found[2], found[3])


# ---------------------------------------------------------------- entries


def numbers_in(written: str | None) -> tuple[int, ...]:
    """Read numbers of evidence, as an entry or a form keeps them."""
    return tuple(int(one) for one in (written or "").split(",") if one.isdecimal())


def reply_details(reply: Reply) -> tuple[tuple[str, str], ...]:
    """Write a reply as an entry keeps it; what is unknown is left out."""
    every = (
        ("says", ",".join(one.value for one in reply.says)),
        ("searched", reply.platform),
        ("summary", reply.summary),
        ("reply", reply.words),
        ("files", ",".join(str(number) for number in reply.files)),
    )
    return tuple((name, value) for name, value in every if value)


def reply_of(entry: Entry) -> Reply:
    """Read a reply back."""
    says = (one_of(Says, one) for one in (entry.detail("says") or "").split(","))
    return Reply(
        tuple(one for one in says if one is not None),
        entry.detail("searched"),
        entry.detail("summary"),
        entry.detail("reply"),
        numbers_in(entry.detail("files")),
    )


def replies(said: Sequence[Entry], complaint: int | None = None) -> list[Reply]:
    """Give the replies that an incident knows, of one complaint or of all."""
    return [
        reply_of(one)
        for one in said
        if one.what == EntryKind.COMPLAINT_REPLY.value and complaint in {None, _complaint_of(one)}
    ]


def is_official(said: Sequence[Entry], number: int) -> bool:
    """Say whether a file is an authority's reply."""
    return any(number in one.files for one in replies(said))


# ---------------------------------------------------------------- the record


def steps(said: Sequence[Entry]) -> tuple[CaseStep, ...]:
    """Give the steps of an incident's complaints, one complaint after the other.

    What came after a step, a reply, what was handed over, another day, belongs to that step.
    """
    mine = [one for one in said if one.what in _KINDS]
    found: list[CaseStep] = []
    for number in dict.fromkeys(_complaint_of(one) for one in mine):
        found += _steps_of([one for one in mine if _complaint_of(one) == number])
    return tuple(found)


def _steps_of(said: Sequence[Entry]) -> list[CaseStep]:
    found: list[CaseStep] = []
    for one in said:
        state = one_of(CaseState, one.detail("state"))
        if one.what == EntryKind.COMPLAINT.value and state is not None:
            found.append(_step(one, state))
        elif found:
            found[-1] = _added(found[-1], one)
    return found


def _step(entry: Entry, state: CaseState) -> CaseStep:
    return CaseStep(
        state,
        authority=", ".join(one for one in _authority(entry) if one) or None,
        number=entry.detail("registered"),
        date=_day(entry.detail("on")),
        deadline=_day(entry.detail("until")),
    )


def _authority(entry: Entry) -> tuple[str | None, str | None]:
    """Give the kind of an authority and its name; one that fits no kind is its name alone."""
    kind, name = entry.detail("authority"), entry.detail("authority-name")
    return (None if name and kind == ActorKind.UNKNOWN.value else kind), name


def _added(step: CaseStep, entry: Entry) -> CaseStep:
    match entry.what:
        case EntryKind.HANDED_OVER.value:
            every = (*step.handed_over, *numbers_in(entry.detail("number")))
            return replace(step, handed_over=tuple(dict.fromkeys(every)))
        case EntryKind.COMPLAINT_REPLY.value:
            words = [entry.detail("summary"), _quoted(entry.detail("reply"))]
            told = [one for one in (step.reply, *words) if one]
            says = dict.fromkeys((*step.says, *_says(reply_of(entry))))
            return replace(step, says=tuple(says), reply="\n".join(told) or None)
        case EntryKind.DISAGREEMENT.value:
            known = disagreement_of(entry)
            return step if known is None else _disagreeing(step, known.text)
        case EntryKind.COMPLAINT_DUE.value:
            return replace(step, deadline=_day(entry.detail("until")) or step.deadline)
        case _:
            return step


def _says(reply: Reply) -> Iterator[str]:
    for one in reply.says:
        yield _on_platform(one, reply.platform if one is Says.SEARCHED else None)


def _on_platform(says: Says, platform: str | None) -> str:
    return says.value if platform is None else f"{says.value} ({platform})"


def _disagreeing(step: CaseStep, text: str) -> CaseStep:
    return replace(step, disagreements=tuple(dict.fromkeys((*step.disagreements, text))))


def disagreement_of(entry: Entry) -> Disagreement | None:
    """Read a disagreement back; None where the entry was cut down, and says too little."""
    says, shows = one_of(Says, entry.detail("says")), entry.detail("shows")
    if says is None or shows is None:
        return None
    return Disagreement(
        says,
        numbers_in(entry.detail("evidence")),
        shows,
        entry.detail("searched"),
        entry.detail("address"),
    )


def disagreements(said: Sequence[Entry]) -> list[Disagreement]:
    """Give what somebody has noted, each once."""
    found = (disagreement_of(one) for one in said if one.what == EntryKind.DISAGREEMENT.value)
    return list({one.text: one for one in found if one is not None}.values())


def _quoted(words: str | None) -> str | None:
    return None if words is None else f"“{words}”"


def _day(written: str | None) -> RecordDate | None:
    return None if written is None else RecordDate(Precision.DAY, written)


def _complaint_of(entry: Entry) -> int | None:
    number = entry.detail("complaint")
    return int(number) if number is not None and number.isdecimal() else None


# ---------------------------------------------------------------- what the bot can see by itself


def proposed(record: Record, said: Sequence[Entry], complaint: int) -> list[Disagreement]:
    """Give what seems to disagree with the replies to a complaint and nobody has confirmed yet."""
    known = {one.text for one in disagreements(said)}
    given = {
        number
        for one in said
        if one.what == EntryKind.HANDED_OVER.value and _complaint_of(one) == complaint
        for number in numbers_in(one.detail("number"))
    }
    found = [
        one for reply in replies(said, complaint) for one in _seen(record, reply, sorted(given))
    ]
    by_text = {one.text: one for one in found}
    return [one for text, one in by_text.items() if text not in known]


def _seen(record: Record, reply: Reply, given: Sequence[int]) -> Iterator[Disagreement]:
    for searched in platforms_of(reply):
        for address in _elsewhere(record, searched):
            yield Disagreement(Says.SEARCHED, (), Shows.ELSEWHERE.value, searched, address)
    mine = [one for one in record.evidence if one.id not in reply.files]
    kept = [one.id for one in mine if one.id is not None]
    if Says.NO_THREATS in reply.says and THREATS & set(record.types):
        addresses = [one.address for one in _pages(record)] or [None]
        if kept or addresses[0] is not None:
            yield Disagreement(
                Says.NO_THREATS, tuple(kept), Shows.THREATS.value, address=addresses[0]
            )
    films = [one for one in mine if one.kind is EvidenceKind.VIDEO]
    filmed = [one.id for one in films if one.id is not None]
    if Says.PROTECTED in reply.says and filmed:
        yield Disagreement(Says.PROTECTED, tuple(filmed), Shows.NO_PROTECTION.value)
    if Says.NO_EVIDENCE in reply.says and given:
        yield Disagreement(Says.NO_EVIDENCE, tuple(given), Shows.HANDED_OVER.value)


def platforms_of(reply: Reply) -> list[str]:
    """Give the platforms that a reply names: the one that was chosen, and those in its words."""
    text = " ".join(one for one in (reply.platform, reply.summary, reply.words) if one).casefold()
    named = [
        name
        for name, (words, _) in PLATFORMS.items()
        if any(re.search(rf"\b{re.escape(word)}", text) for word in words)
    ]
    chosen = [reply.platform] if reply.platform else []
    return list(dict.fromkeys((*chosen, *named)))


def _elsewhere(record: Record, searched: str) -> Iterator[str]:
    """Give the addresses of evidence that stand on another platform than the one searched.

    One whose platform nobody knows may be anywhere, so nothing is said of it.
    """
    for one in _pages(record):
        on = _platform(one.address or "")
        if on is not None and on.casefold() != searched.casefold() and one.address:
            yield one.address


def _pages(record: Record) -> list[Evidence]:
    return [one for one in record.evidence if one.kind is EvidenceKind.WEB_ADDRESS]


def _platform(address: str) -> str | None:
    found = _HOST.match(address)
    host = "" if found is None else found[1].casefold()
    return next(
        (
            name
            for name, (_, hosts) in PLATFORMS.items()
            if any(host == one or host.endswith(f".{one}") for one in hosts)
        ),
        None,
    )
