"""What an incident's record says, in the words of HURIDOCS and ODIHR; unknown is absent.

Nothing is ever filled in: a field that nobody stated is None or empty, and is left out where the
record is written down. Statements that contradict each other stand side by side as claims, each
with its source; none of them wins. Corrections are appended, nothing is overwritten.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from safety.taxonomy import ActorKind, Basis, CountPrecision, LinkKind, OriginKind

SCHEMA_VERSION = 4


class IncidentGroup(StrEnum):
    """The groups that incident types belong to."""

    VENUE = "venue"
    SURVEILLANCE = "surveillance"
    THREATS = "threats"
    ATTACK = "attack"
    OFFICIALS = "officials"
    AFTERMATH = "aftermath"
    RESPONSE = "response"


class IncidentType(StrEnum):
    """What kind of thing happened; one incident may be of several."""

    VENUE_REFUSAL = "venue_refusal"  # or breach of contract
    EVICTION = "eviction"
    PRESSURE_TO_CANCEL = "pressure_to_cancel"
    TAILING = "tailing"
    DIGITAL_SURVEILLANCE = "digital_surveillance"
    CALL_TO_VIOLENCE = "call_to_violence"
    DEATH_THREAT = "death_threat"
    THREAT_AT_SCENE = "threat_at_scene"
    IDENTITY_CIRCULATED = "identity_circulated"
    DISRUPTION = "disruption"
    ASSAULT = "assault"
    PROPERTY_DAMAGE = "property_damage"
    INJURY = "injury"
    FAILURE_TO_PROTECT = "failure_to_protect"
    POLICE_VIOLENCE = "police_violence"
    DETENTION = "detention"
    COUNTER_CASE = "counter_case"
    DATA_COLLECTION = "data_collection"
    COERCED_NOTE = "coerced_note"
    FORCED_ESCORT = "forced_escort"
    FOLLOW_UP_VISIT = "follow_up_visit"
    PRESSURE_ON_MINOR = "pressure_on_minor"  # or through parents, school, employer
    FALSE_NARRATIVE = "false_narrative"
    COMPLAINT_NEGLECTED = "complaint_neglected"


GROUPS: tuple[tuple[IncidentGroup, tuple[IncidentType, ...]], ...] = (
    (
        IncidentGroup.VENUE,
        (IncidentType.VENUE_REFUSAL, IncidentType.EVICTION, IncidentType.PRESSURE_TO_CANCEL),
    ),
    (IncidentGroup.SURVEILLANCE, (IncidentType.TAILING, IncidentType.DIGITAL_SURVEILLANCE)),
    (
        IncidentGroup.THREATS,
        (
            IncidentType.CALL_TO_VIOLENCE,
            IncidentType.DEATH_THREAT,
            IncidentType.THREAT_AT_SCENE,
            IncidentType.IDENTITY_CIRCULATED,
        ),
    ),
    (
        IncidentGroup.ATTACK,
        (
            IncidentType.DISRUPTION,
            IncidentType.ASSAULT,
            IncidentType.PROPERTY_DAMAGE,
            IncidentType.INJURY,
        ),
    ),
    (
        IncidentGroup.OFFICIALS,
        (
            IncidentType.FAILURE_TO_PROTECT,
            IncidentType.POLICE_VIOLENCE,
            IncidentType.DETENTION,
            IncidentType.COUNTER_CASE,
            IncidentType.DATA_COLLECTION,
            IncidentType.COERCED_NOTE,
            IncidentType.FORCED_ESCORT,
        ),
    ),
    (IncidentGroup.AFTERMATH, (IncidentType.FOLLOW_UP_VISIT, IncidentType.PRESSURE_ON_MINOR)),
    (IncidentGroup.RESPONSE, (IncidentType.FALSE_NARRATIVE, IncidentType.COMPLAINT_NEGLECTED)),
)


class Certainty(StrEnum):
    """How a claim is known."""

    WITNESSED = "witnessed"
    REPORTED = "reported"
    PRESUMED = "presumed"
    ASSESSED = "assessed"


class Precision(StrEnum):
    """How exactly a date is known, and so how its value is written."""

    EXACT = "exact"  # 2026-05-28T18:04:00+05:00
    DAY = "day"  # 2026-05-28
    ON_OR_BEFORE = "on_or_before"  # 2026-05-28
    MONTH = "month"  # 2026-05
    YEAR = "year"  # 2026
    NONE = "none"  # no value


class VictimRole(StrEnum):
    """In which role somebody was harmed."""

    ORGANIZER = "organizer"
    STEWARD = "steward"
    RESPONDER = "responder"
    PARTICIPANT = "participant"
    OTHER = "other"


class Consent(StrEnum):
    """Who may learn that it happened to this person; each step includes the one before."""

    NOBODY = "nobody"
    LAWYER = "lawyer"
    CONFIDENTIAL = "confidential"
    PUBLIC = "public"


class HarmKind(StrEnum):
    """What was harmed."""

    PHYSICAL = "physical"
    PROPERTY = "property"
    LIBERTY = "liberty"
    DATA_TAKEN = "data_taken"
    PSYCHOLOGICAL = "psychological"
    MINORS = "minors"


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    VIDEO = "video"
    PHOTO = "photo"
    AUDIO = "audio"
    SCREENSHOT = "screenshot"
    WEB_ADDRESS = "web_address"
    LOCATION = "location"
    MEDICAL = "medical_examination"
    OFFICIAL_REPLY = "official_reply"
    DOCUMENT = "document"
    STATEMENT = "witness_statement"


class CaseState(StrEnum):
    """How far a complaint has come."""

    NOT_REPORTED = "not_reported"
    FILED = "filed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REGISTERED = "registered"
    UNDER_EXAMINATION = "under_examination"
    DELAYED = "delayed"
    WITHOUT_CONSIDERATION = "left_without_consideration"
    ARCHIVED = "archived"
    NOT_INVESTIGATED = "not_investigated"
    AGAINST_VICTIM = "opened_against_the_victim"
    APPEALED = "appealed"
    EXHAUSTED = "remedies_exhausted"
    SENT_TO_UN = "sent_to_a_un_body"
    SENT_TO_OSCE = "sent_to_the_osce"


@dataclass(frozen=True, slots=True, repr=False)
class Forwarded:
    """Where what somebody passed on was first said: when, by whom, in which group or channel.

    `address` is the message's own on the web, `at` an exact moment.
    """

    kind: OriginKind
    at: datetime | None = None
    by: str | None = None
    where: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """What one source says of one field, when they said it, and what they go by.

    `precision` says how the value of a date is meant. `written_at`: it was written on a computer
    then, by the clock there, and brought `at`.
    """

    field: str
    value: str
    source: str
    certainty: Certainty
    at: datetime | None = None
    basis: Basis | None = None
    according_to: str | None = None  # who told it, or which document says so
    precision: Precision | None = None
    written_at: datetime | None = None
    forwarded: Forwarded | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """Who stated a part of a record that is no single field, when, and what they go by.

    `written_at` as of a claim.
    """

    source: str
    certainty: Certainty
    at: datetime
    basis: Basis | None = None
    according_to: str | None = None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RecordDate:
    """When it happened, as exactly as it is known and not more.

    Raises: ValueError where the value is not written as its precision demands.
    """

    precision: Precision
    value: str | None = None

    def __post_init__(self) -> None:
        if not _fits(self.precision, self.value):
            raise ValueError("a date is written as its precision says")


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Where it happened. Coordinates are degrees. `one_of`: in one of these cities, once."""

    city: str | None = None
    name: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Actor:
    """Who acted; `count` is how many, with its own precision."""

    kind: ActorKind
    name: str | None = None
    description: str | None = None
    vehicle: str | None = None
    uniform: str | None = None
    badge: str | None = None
    count: int | None = None
    count_precision: CountPrecision | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Victim:
    """Whom it happened to: a role and a number, and a reference instead of an identity."""

    role: VictimRole
    count: int | None = None
    minors: int | None = None
    reference: str | None = None
    consent: Consent | None = None
    said: tuple[Said, ...] = ()
    count_precision: CountPrecision | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Harm:
    """One harm; which of the fields speak depends on its kind."""

    kind: HarmKind
    description: str | None = None
    victim: str | None = None  # the reference of a victim
    treated: bool | None = None
    examined: bool | None = None
    certificate: bool | None = None
    value: str | None = None  # of property, with its currency
    since: RecordDate | None = None  # of liberty taken
    until: RecordDate | None = None
    where: str | None = None
    lawyer_present: bool | None = None
    items: tuple[str, ...] = ()  # of data taken
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Quote:
    """What was said, verbatim, in its language (a BCP 47 tag such as `kk`)."""

    text: str
    language: str | None = None
    speaker: str | None = None
    said: tuple[Said, ...] = ()
    date: RecordDate | None = None  # when it was said


@dataclass(frozen=True, slots=True, repr=False)
class Promise:
    """What an official promised, and what happened, side by side."""

    promised: str
    by: str | None = None
    happened: str | None = None
    said: tuple[Said, ...] = ()
    date: RecordDate | None = None  # when it was promised


@dataclass(frozen=True, slots=True, repr=False)
class Custody:
    """One thing done with a piece of evidence; `at` is an exact moment."""

    at: datetime
    what: str
    by: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CleanCopy:
    """A picture painted anew for sharing: its pixels, and nothing that a camera wrote beside them.

    `file` is its name below `data/evidence/` of a bundle; hash and size (bytes) are its own.
    """

    file: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """One piece of evidence. What is no file, an address or a place, has no number.

    A place is an address as well: `geo:` and degrees (RFC 5870). `captured_at`: it was told
    here; `taken`: it was made, as exactly as somebody has stated it. `sha256` (64 lower-case hex
    digits), `size` (bytes): the original's. `file`: below `data/evidence/`. `is_owed`: it is not
    here; `copy_of`: whose smaller copy this is. `is_withheld`: kept, but not given out here.
    """

    kind: EvidenceKind
    id: int | None = None
    sha256: str | None = None
    size: int | None = None
    file: str | None = None
    name: str | None = None  # as the person named it
    address: str | None = None  # on the web or on the earth
    captured_at: datetime | None = None
    taken: RecordDate | None = None
    received_at: datetime | None = None
    given_by: str | None = None
    forwarded: Forwarded | None = None
    is_owed: bool | None = None
    is_withheld: bool | None = None
    clean: CleanCopy | None = None
    copy_of: int | None = None
    same_as: tuple[int, ...] = ()  # other evidence with the very same bytes
    custody: tuple[Custody, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class CaseStep:
    """One step of a complaint: what was filed or answered, and where the answer disagrees."""

    state: CaseState
    authority: str | None = None  # its kind, and what it is called: "police, City department"
    number: str | None = None
    date: RecordDate | None = None
    deadline: RecordDate | None = None
    handed_over: tuple[int, ...] = ()  # ids of evidence
    says: tuple[str, ...] = ()  # what the reply says: "no_threats_found"
    reply: str | None = None
    disagreements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """Another record that belongs to this one."""

    kind: LinkKind
    record: int
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Confirmation:
    """A person who stands for the record; until then an automatic one does not count."""

    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """A later, better statement. What it corrects stays here: `was`, as `was_by` had stated it.

    Without a `value` the statement was only taken back. `written_at` as of a claim.
    """

    at: datetime
    by: str
    field: str
    value: str | None = None
    why: str | None = None
    was: str | None = None
    was_by: str | None = None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Everything about one incident. All but the id may be unknown, and then is absent."""

    id: int
    types: tuple[IncidentType, ...] = ()
    claims: tuple[Claim, ...] = ()
    date: RecordDate | None = None
    place: Place | None = None
    actors: tuple[Actor, ...] = ()
    victims: tuple[Victim, ...] = ()
    harm: tuple[Harm, ...] = ()
    quotes: tuple[Quote, ...] = ()
    promises: tuple[Promise, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    case: tuple[CaseStep, ...] = ()
    links: tuple[Link, ...] = ()
    confirmed_by: tuple[Confirmation, ...] = ()
    corrections: tuple[Correction, ...] = ()


def _fits(precision: Precision, value: str | None) -> bool:
    if precision is Precision.NONE or value is None:
        return precision is Precision.NONE and value is None
    length = {Precision.MONTH: 7, Precision.YEAR: 4}
    try:
        if precision is Precision.EXACT:
            return datetime.fromisoformat(value).tzinfo is not None
        full = value + "-01" * (3 - value.count("-") - 1)
        return len(value) == length.get(precision, 10) and date.fromisoformat(full).year > 0
    except ValueError:
        return False
