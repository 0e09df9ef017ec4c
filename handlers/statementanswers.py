"""What the questions about a record offer, how an answer is read, and which question applies.

An answer that cannot be read is refused and asked again, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from coordination import cases, incidents, statements
from handlers.cases import label_of
from handlers.context import Choice, Request, Showing
from handlers.statementwords import choice_key
from safety import dates
from safety.casefiles import ADDRESS, KINDS
from safety.errors import OutdatedError, RefusalError
from safety.forms import Draft
from safety.incidents import Incident
from safety.languages import Language
from safety.records import GROUPS, EvidenceKind, IncidentGroup, Precision
from safety.reports import When
from safety.statements import (
    ABOUT,
    FIELDS,
    Fields,
    Topic,
    fits,
    is_city,
    is_language,
    says_anything,
)
from safety.taxonomy import Basis

Applies = Callable[[Request | Showing, Draft], bool]
Reads = Callable[[Request, Draft, str], str]
Offers = Callable[[Showing, Draft], Sequence[Choice]]

HERE = "here"  # the city of the event, as a tap: a city may be longer than a button's data
RECENT = 6  # records that a link offers, and files
CALLED = (
    *(EvidenceKind.SCREENSHOT, EvidenceKind.MEDICAL, EvidenceKind.OFFICIAL_REPLY),
    *(EvidenceKind.STATEMENT, EvidenceKind.DOCUMENT, EvidenceKind.PHOTO),
)
WHEN = (
    *(When.TODAY, When.YESTERDAY),
    *(Precision.DAY, Precision.EXACT, Precision.ON_OR_BEFORE, Precision.MONTH, Precision.YEAR),
)
EXAMPLES: Mapping[str, str] = {
    Precision.EXACT: "28.05.2026 18:30",
    Precision.DAY: "28.05.2026",
    Precision.ON_OR_BEFORE: "28.05.2026",
    Precision.MONTH: "05.2026",
    Precision.YEAR: "2026",
}


def _incident(request: Request | Showing, draft: Draft) -> Incident:
    found = incidents.look(request.work, draft.subject_id)
    if found is None:
        raise OutdatedError
    return found


def _zone(request: Request | Showing, draft: Draft) -> ZoneInfo:
    return cases.zone_at(request.work, draft.event_id)


def offered(kind: str, values: Sequence[str]) -> Callable[[Showing, Draft], Sequence[Choice]]:
    """Offer chosen values, called as in the dossier."""

    def choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
        return [Choice(one, showing.plain(choice_key(kind, one))) for one in values]

    return choices


def read_number(topic: Topic, name: str) -> Reads:
    """Take a number that the field may hold; of minors, no more than there are people."""

    def read(_request: Request, draft: Draft, typed: str) -> str:
        return _number(topic, name, draft, typed)

    return read


def _number(topic: Topic, name: str, draft: Draft, typed: str) -> str:
    number = str(int(typed)) if typed.isascii() and typed.isdigit() else typed
    if not fits(FIELDS[topic][name], number):
        raise RefusalError("statement-number-unreadable")
    if name == "minors" and int(number) > int(draft.answer("count") or number):
        raise RefusalError("statement-number-unreadable")
    return number


def numbers(offered: Sequence[str]) -> Offers:
    """Offer some numbers; any other can be typed."""
    return lambda _showing, _draft: [Choice(one, one) for one in offered]


def languages(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    """Offer the languages that people here speak; any other can be typed as its tag."""
    return [Choice(one.value, showing.texts.plain(one, "language-name")) for one in Language]


def basis_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    """Offer what somebody may go by."""
    return [Choice(one.value, showing.plain(f"statement-basis-{one.value}")) for one in Basis]


def more_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    """Offer to leave it at that, or to describe them."""
    return [Choice(one, showing.plain(f"statement-more-{one}")) for one in ("no", "yes")]


def read_precision(request: Request, draft: Draft, typed: str) -> str:
    """Take a tap; one that names a day is that day from now on, whenever the rest is answered."""
    if typed not in WHEN:
        raise RefusalError("form-press-confirm")
    if typed not in set(When):
        return typed
    now, zone = request.turn.now, _zone(request, draft)
    today = now.astimezone(zone).date()
    back = 1 if typed == When.YESTERDAY else 0
    return f"{Precision.DAY.value} {today.fromordinal(today.toordinal() - back).isoformat()}"


def read_date(request: Request, draft: Draft, typed: str) -> str:
    """Read when it was, as exactly as was said that it is known."""
    precision = Precision(draft.answer("precision") or "")
    try:
        return dates.read_past(typed, precision, request.turn.now, _zone(request, draft))
    except RefusalError as refusal:
        if refusal.key == "statement-date-coming":
            raise
        raise RefusalError("statement-date-unreadable", example=EXAMPLES[precision]) from None


def city_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    """Offer the city of the event."""
    event = cases.event_of(showing.work, draft.event_id)
    return [] if event is None or not is_city(event.city) else [Choice(HERE, event.city)]


def read_city(request: Request, draft: Draft, typed: str) -> str:
    """Take the name of a city, and not the same one twice."""
    event = cases.event_of(request.turn, draft.event_id)
    city = event.city if typed == HERE and event is not None else " ".join(typed.split())
    if not is_city(city) or city == draft.answer("city"):
        raise RefusalError("statement-city-unreadable")
    return city


def read_language(_request: Request, _draft: Draft, typed: str) -> str:
    """Take a language by its tag."""
    if not is_language(typed):
        raise RefusalError("statement-language-unreadable")
    return typed


def record_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    """Offer the latest records of the same event."""
    mine = _incident(showing, draft)
    found = [one for one in incidents.list_at(showing.work, mine.event_id) if one.id != mine.id]
    return [Choice(str(one.number), label_of(showing, one)) for one in found[:RECENT]]


def read_record(request: Request, draft: Draft, typed: str) -> str:
    """Take the number of another record of the same event."""
    mine = _incident(request, draft)
    numbers = {str(one.number) for one in incidents.list_at(request.turn, mine.event_id)}
    if typed not in numbers - {str(mine.number)}:
        raise RefusalError("statement-record-unknown")
    return typed


def file_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    """Offer the files of the record; without one it is about a page."""
    found = statements.files_of(showing.work, _incident(showing, draft))
    return [
        Choice(
            str(one.number),
            f"{showing.plain(choice_key('evidence', KINDS[one.kind]))} {one.number}",
        )
        for one in found[-RECENT:]
    ]


def read_file(request: Request, draft: Draft, typed: str) -> str:
    """Take the number of a file of this record."""
    found = statements.files_of(request.work, _incident(request, draft))
    if typed not in {str(one.number) for one in found}:
        raise RefusalError("statement-file-unknown")
    return typed


def evidence_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    """Offer what a file may be that no phone can know; what is no file is a page."""
    kinds = CALLED if draft.answer("file") is not None else (EvidenceKind.WEB_ADDRESS,)
    return offered("evidence", kinds)(showing, draft)


def read_page(_request: Request, _draft: Draft, typed: str) -> str:
    """Take the address of a page."""
    if ADDRESS.fullmatch(typed) is None:
        raise RefusalError("statement-page-unreadable")
    return typed


def type_choices(showing: Showing, draft: Draft) -> Sequence[Choice]:
    """Offer the types of the group that was chosen."""
    group = draft.answer("group")
    kinds = [kind for one, found in GROUPS if one.value == group for kind in found]
    return [Choice(kind.value, showing.plain(choice_key("type", kind))) for kind in kinds]


def group_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    """Offer the groups of types."""
    return [Choice(one.value, showing.plain(f"report-group-{one.value}")) for one in IncidentGroup]


def when_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    """Offer two days, and the ways in which a date may be known."""
    return [Choice(one.value, showing.plain(_when_key(one))) for one in WHEN]


def _when_key(when: When | Precision) -> str:
    if isinstance(when, When):
        return f"report-when-{when.value}"
    return f"statement-when-{when.value.replace('_', '-')}"


def example(_showing: Showing, draft: Draft) -> Mapping[str, str | int]:
    """Show how such a date is written."""
    return {"example": EXAMPLES[draft.answer("precision") or ""]}


# ---------------------------------------------------------------- which question applies


def fields(topic: Topic, draft: Draft) -> Fields:
    """Give the answers that are fields of the statement; a tapped day stands as its date."""
    known = {*FIELDS[topic], *ABOUT, "of"}
    said = {name: value for name, value in draft.answers if name in known}
    precision, _, day = said.get("precision", "").partition(" ")
    return tuple((said | ({"precision": precision, "date": day} if day else {})).items())


def says(topic: Topic) -> Applies:
    """Ask on only while something is being said at all."""
    return lambda _request, draft: says_anything(topic, dict(fields(topic, draft)))


def after(name: str, *values: str) -> Applies:
    """Ask only where an earlier question has an answer, and one of these if any are named."""
    return lambda _request, draft: (
        draft.answer(name) in values if values else draft.answer(name) is not None
    )


def has_day_to_write(_request: Request | Showing, draft: Draft) -> bool:
    """Ask for the date where no tap has named it."""
    return draft.answer("precision") in set(Precision)


def has_several(_request: Request | Showing, draft: Draft) -> bool:
    """Ask how exact a number is where there are several."""
    return draft.answer("count") not in {None, "0", "1"}


def goes_by_others(_request: Request | Showing, draft: Draft) -> bool:
    """Ask who told it, or which document says so."""
    return draft.answer("basis") in {Basis.TOLD.value, Basis.DOCUMENT.value}


def corrects(topic: Topic) -> Applies:
    """Ask why, where another statement is corrected."""
    says_more = says(topic)
    return lambda request, draft: (
        draft.answer("corrects") is not None and says_more(request, draft)
    )


def always(_request: Request | Showing, _draft: Draft) -> bool:
    """Ask in any case."""
    return True
