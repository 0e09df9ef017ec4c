"""How places are told: what two people decide, what falls due, and what is owed to each person.

Every notice that tells a place is protected, has a first line that says nothing, and goes in time.
"""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import SHORT_STAY, IfUnknown, Lane, Notice, notice
from safety.people import EventId, PersonId
from safety.proposals import Intent, intent
from safety.timers import AfterPause, AtMoment, timer
from safety.venues import Stage

KEY_RENEWED_AFTER = timedelta(hours=36)  # a bot may delete its messages under 48 hours only
PLACES_STAY = timedelta(hours=12)  # at most; the policy can say less
CARDS_STAY = timedelta(hours=24)


def place_tag(venue_id: int) -> str:
    """Name the messages that tell this venue; they go together."""
    return f"place:{venue_id}"


def anchor_tag(person_id: PersonId) -> str:
    """Name the message that brought a person their permanent key."""
    return f"anchor:{person_id}"


# ---------------------------------------------------------------- what two people decide


@intent
@dataclass(frozen=True, slots=True, repr=False)
class ConfirmVenue(Intent):
    """A venue was entered."""

    venue_id: int


@intent
@dataclass(frozen=True, slots=True, repr=False)
class RelocateTo(Intent):
    """A new venue replaces the one that holds."""

    venue_id: int


@intent
@dataclass(frozen=True, slots=True, repr=False)
class ReleaseNow(Intent):
    """A stage is to be told before its time."""

    venue_id: int
    stage: Stage


@intent
@dataclass(frozen=True, slots=True, repr=False)
class EndHold(Intent):
    """A hold is to end. `holds` says which one."""

    venue_id: int
    holds: int


# ---------------------------------------------------------------- timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class StageDue(AtMoment):
    """The moment at which a stage is told."""

    venue_id: int
    stage: Stage

    @override
    def key(self) -> str:
        return f"stage:{self.venue_id}:{self.stage.value}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellMore(AfterPause):
    """More people than one transaction may owe: the next ones are told what is open now."""

    venue_id: int

    @override
    def key(self) -> str:
        return f"tell:{self.venue_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellHolders(AfterPause):
    """The next ones, beyond `after`, of those who have learnt anything: wait, or go on."""

    venue_id: int
    after: int = 0

    @override
    def key(self) -> str:
        return f"holders:{self.venue_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellAgain(AfterPause):
    """Somebody whose chat took nothing for a while is told what holds now."""

    person_id: PersonId

    @override
    def key(self) -> str:
        return f"tell-again:{self.person_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class PlacesOver(AfterPause):
    """The messages that tell this venue leave the phones of the next ones beyond `after`."""

    venue_id: int
    after: int = 0

    @override
    def key(self) -> str:
        return f"places-over:{self.venue_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RenewKey(AfterPause):
    """A key's message grows too old to be deleted: another one takes its place."""

    event_id: EventId
    person_id: PersonId

    @override
    def key(self) -> str:
        return f"key:{self.person_id}"


# ---------------------------------------------------------------- notices


class _PlaceNotice(Notice):
    """What all notices about a place have in common: protected, and gone in time."""

    __slots__ = ()

    lane = Lane.RELEASE
    stays = PLACES_STAY
    is_protected = True


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Release(_PlaceNotice):
    """There is something new; the place itself stands behind *Show*."""

    if_unknown = IfUnknown.ASK
    replaces = True

    venue_id: int

    @override
    def card(self) -> str | None:
        return place_tag(self.venue_id)

    @override
    def tag(self) -> str | None:
        return place_tag(self.venue_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class NewPlace(_PlaceNotice):
    """The old place holds no more; the new one stands behind *Show*."""

    lane = Lane.HOLD
    if_unknown = IfUnknown.SEND_AGAIN
    replaces = True

    venue_id: int

    @override
    def card(self) -> str | None:
        return place_tag(self.venue_id)

    @override
    def tag(self) -> str | None:
        return place_tag(self.venue_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PlaceShown(_PlaceNotice):
    """The place, in the message whose *Show* was pressed."""

    lane = Lane.REPLY
    rings = False

    venue_id: int

    @override
    def card(self) -> str | None:
        return place_tag(self.venue_id)

    @override
    def tag(self) -> str | None:
        return place_tag(self.venue_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PlacePin(_PlaceNotice):
    """A stage's point on the map: it has no words to say that it may have come before.

    One that got lost comes with the place, which the menu shows again.
    """

    lane = Lane.REPLY
    if_unknown = IfUnknown.LEAVE
    rings = False
    replaces = True

    venue_id: int
    stage: Stage

    @override
    def card(self) -> str | None:
        return f"pin:{self.venue_id}:{self.stage.value}"

    @override
    def tag(self) -> str | None:
        return place_tag(self.venue_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class HoldOn(Notice):
    """Wait, do not set out: to everybody who knew something."""

    lane = Lane.HOLD
    if_unknown = IfUnknown.SEND_AGAIN
    stays = PLACES_STAY
    replaces = True

    venue_id: int

    @override
    def card(self) -> str | None:
        return place_tag(self.venue_id)

    @override
    def tag(self) -> str | None:
        return place_tag(self.venue_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TroubleCard(Notice):
    """What to do in trouble, with one voice number; comes with the first stage."""

    lane = Lane.RELEASE
    if_unknown = IfUnknown.SEND_AGAIN
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"trouble:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Anchor(Notice):
    """Brings the permanent key; stays until the person is home, or is taken."""

    lane = Lane.RELEASE
    if_unknown = IfUnknown.SEND_AGAIN
    stays = None
    rings = False
    replaces = True

    person_id: PersonId

    @override
    def card(self) -> str | None:
        return anchor_tag(self.person_id)

    @override
    def tag(self) -> str | None:
        return anchor_tag(self.person_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class VenueCard(Notice):
    """The organizers' card of an event's venue: state, times, numbers; no place on it."""

    lane = Lane.BOARD
    valid_for = timedelta(hours=1)
    stays = CARDS_STAY
    rings = False

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"venue:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class VenueOpened(Notice):
    """The same card, at the bottom of the chat."""

    stays = CARDS_STAY
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"venue:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class VenueDetails(_PlaceNotice):
    """All of a venue, for whoever decides about it; gone after a minute."""

    lane = Lane.REPLY
    stays = SHORT_STAY
    rings = False
    replaces = True

    venue_id: int

    @override
    def card(self) -> str | None:
        return f"venue-details:{self.venue_id}"
