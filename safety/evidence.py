"""Files that support a record: owed from the moment they are sent until they are sealed away.

A file is never dropped silently: what cannot be fetched stays visible as owed. Its name, type and
size are what somebody's phone says, so they are only words: nothing is opened, and no file here is
ever called by a name that came from outside.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import EventId, Recipient, Unprinted

LARGEST = 20 * 1024 * 1024  # bytes; the service gives bots no larger file
NAME_LIMIT = 255  # characters of a file's name that are kept


class MediaKind(StrEnum):
    """What kind of file a person sent."""

    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"


class EvidenceState(StrEnum):
    """Where a file stands."""

    OWED = "owed"  # to be fetched
    BY_HAND = "by-hand"  # owed as well, but the service does not give it: too large, or gone
    STORED = "stored"


@dataclass(frozen=True, slots=True, repr=False)
class Smaller(Unprinted):
    """A smaller copy that the service made itself: of a video, or one picture of it."""

    kind: MediaKind
    file_id: str
    unique_id: str
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Media(Unprinted):
    """A file that stands on the service's side. `size` is in bytes, 0 where unknown.

    `smaller`: what the service gives in place of one that is too large for a bot.
    """

    kind: MediaKind
    file_id: str
    unique_id: str
    size: int
    name: str | None
    mime: str | None
    smaller: Smaller | None = None


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceItem(Unprinted):
    """One file of a record. `number` is what people say ("video 17").

    `media`, `recipient` and `message_id` are there only while the file is owed: where to fetch it,
    and which message goes once it is stored.
    """

    id: int
    event_id: EventId | None
    incident_id: int
    number: int
    state: EvidenceState
    kind: MediaKind
    received_at: datetime
    media: Media | None = None
    recipient: Recipient | None = None
    message_id: int | None = None


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EvidenceKept(Notice):
    """The file is sealed away, and what that means for the original."""

    stays = timedelta(hours=2)

    kind: MediaKind
    number: int
    goes_with: str | None = None  # the tag of what it leaves the chat with

    @override
    def tag(self) -> str | None:
        return self.goes_with


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EvidenceOwed(Notice):
    """The file could not be fetched: it stays noted as owed, and the person keeps the original.

    `copy` is the number of the smaller copy that is fetched in the meantime.
    """

    lane = Lane.REPLY
    stays = timedelta(hours=2)

    kind: MediaKind
    number: int
    goes_with: str | None = None  # as above
    copy: int | None = None
    copy_kind: MediaKind = MediaKind.VIDEO

    @override
    def tag(self) -> str | None:
        return self.goes_with


def is_fetchable(media: Media) -> bool:
    """Say whether the service gives a bot a file of this size; an unknown size is tried."""
    return media.size <= LARGEST


def short_name(name: str | None) -> str | None:
    """Give a file's name as it is recorded: words, never a path that anything is opened by."""
    return None if not name else name[:NAME_LIMIT]
