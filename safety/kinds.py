"""What is stored, by kind, and what has to be said of each (the table is `safety/lives.py`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from safety.policy import Policy


class Under(StrEnum):
    """Which key opens a thing; the whole database file is encrypted besides."""

    FILE = "the database file's own"
    COMMUNITY = "community"
    TRANSIT = "transit"
    ROUTING = "the event's routing key"
    PEOPLE = "the event's people key"
    CASE = "the event's case key"
    UNLOCK = "the unlock secrets"
    HOLDERS = "the enrolled public keys"
    NOTHING = "nothing: it says nothing of anybody"


class EndedBy(StrEnum):
    """What ends a life."""

    DEED = "what it is there for"  # handled, sent, answered, left, erased
    TIMER = "its timer"
    SWEEP = "the hourly sweep"
    PURGE = "the purge"
    NOBODY = "nothing"


class Told(StrEnum):
    """The line of the privacy screen that tells a person of it."""

    ANSWERS = "answers"
    VOUCHING = "vouching"
    TRACES = "traces"
    RECORDS = "records"
    CHAT = "chat"
    TEAM = "team"
    ENVELOPE = "envelope"


class Kind(StrEnum):
    """Everything that is stored."""

    WAITING_UPDATES = "updates to handle"
    HANDLED_UPDATES = "handled updates"
    SET_ASIDE_UPDATES = "updates set aside"
    OWED_NOTICES = "notices owed"
    MESSAGES = "messages in chats"
    PLACE_MESSAGES = "messages with a place"
    KEY_MESSAGES = "the permanent key's message"
    BLOCKED_CHATS = "chats that refuse"
    QUIET_CHATS = "quiet chats"
    TIMERS = "timers"
    DRAFTS = "unfinished forms"
    OPEN_REPORTS = "reports being told"
    REPORT_DAYS = "how much is reported in a day"
    REPORT_CHATS = "chats that came by a link for reporting"
    REPORT_LINKS = "links for reporting"
    LINKS = "links nobody has opened"
    VOUCHING = "vouching"
    UNAPPROVED = "registrations not approved"
    TRACES = "traces of the evening"
    ROSTER = "the roster"
    CALLS = "alarms and detentions"
    INJURIES = "injuries"
    LOOSE_CALLS = "alarms and detentions without an event"
    TEAM = "the team"
    SECOND_ADDRESSES = "the team's second addresses"
    TEAM_INVITED = "the team's unopened links"
    TEAM_GONE = "who has left the team"
    WAKINGS = "wake tests"
    PROPOSALS = "what waits for a second person"
    KEYHOLDERS = "enrolled public keys"
    OUTLINES = "events' outlines"
    BARE_OUTLINES = "outlines without a case"
    RECORDS = "incidents"
    COMPLAINTS = "complaints"
    IDENTITIES = "who stands behind a reference"
    OWED_IDENTITIES = "references to be explained"
    CLOSED_CASES = "closed cases"
    ENVELOPES = "what is left for the lawyer"
    EVIDENCE = "evidence"
    OWED_FILES = "evidence to fetch"
    PARTIAL_FILES = "files half written"
    PROOFS = "the proof log"
    CHECKPOINTS = "older checkpoints"
    RECEIPTS = "receipts"
    COUNTERS = "counters"
    DOOMED_KEYS = "keys to destroy or to replace"
    TRIES = "wrong unlock secrets"
    CONTROL = "the control socket"
    KEYS = "the keys"
    PURGED = "what was purged"
    ESCROW = "the escrow"
    OUTGOING = "a backup under way"
    BALLAST = "room for a full disk"
    DATABASE_COPY = "the copy before an update"


@dataclass(frozen=True, slots=True)
class Life:
    """How long one kind is kept.

    `stands_in` names tables, and files as they are called in the data directory. `since` is the
    moment from which `lasts` counts; what `until` says ends it sooner, or alone.
    """

    kind: Kind
    stands_in: tuple[str, ...]
    what: str
    under: tuple[Under, ...]
    ended_by: EndedBy
    until: str
    why: str
    told: Told | None = None  # None: it is about nobody
    since: str = ""
    lasts: Callable[[Policy], timedelta] | None = None
    setting: str = ""
    waits: str = ""  # what keeps it alive beyond that
