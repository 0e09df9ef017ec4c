"""Venues under each event's people key, and who has learnt which stage of which venue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from safety import venues as rules
from safety.people import EventId, PersonId, Presence, Standing, TeamId, Unprinted
from safety.venues import (
    Hold,
    Stage,
    Venue,
    VenueState,
)
from storage.moments import from_row, to_row
from storage.sealed import Shelf
from storage.transaction import Transaction, Value
from storage.vault.keys import KeyKind


@dataclass(frozen=True, slots=True, repr=False)
class Outline(Unprinted):
    """What stands beside a sealed place: it names none, and is known while locked."""

    id: int
    event_id: EventId
    number: int
    state: VenueState
    hold: Hold | None

    @property
    def is_told(self) -> bool:
        """Say whether this place holds, and is not on hold."""
        return self.state is VenueState.CONFIRMED and self.hold is None

    @property
    def is_held(self) -> bool:
        """Say whether whoever knows this place has to wait."""
        return self.state is VenueState.CONFIRMED and self.hold is not None


class _Venues(Shelf[Venue]):
    """The sealed rows, each as held, or put aside, as what stands beside it says."""

    _beside = ("state", "held_at", "held_by")

    @override
    def _as_now(self, value: Venue, *beside: Value) -> Venue:
        state, at, by = beside
        now = replace(value, state=VenueState(str(state)))
        if not isinstance(at, int) or not isinstance(by, int):
            return now
        return rules.hold(now, TeamId(by), from_row(at))

    @override
    def _may_differ(self, name: str, sealed: Value, beside: Mapping[str, Value]) -> bool:
        """Say so of a hold, which any moment may set, and of a place that was put aside."""
        aside = (VenueState.PROPOSED.value, VenueState.DECLINED.value)
        return name in {"held_at", "held_by"} or (name, sealed, beside[name]) == ("state", *aside)


VENUES: Shelf[Venue] = _Venues(
    "venues", Venue, KeyKind.PEOPLE, "event_id", "number", "state", "held_at", "held_by"
)


def is_readable(tx: Transaction, event_id: EventId) -> bool:
    """Say whether this event's places and people are neither locked nor erased."""
    return tx.has_key(KeyKind.PEOPLE, event_id)


def event_of(tx: Transaction, venue_id: int) -> EventId | None:
    """Give the event of a venue, opening nothing."""
    row = tx.one(tuple[int], "SELECT event_id FROM venues WHERE id = ?", venue_id)
    return None if row is None else EventId(row[0])


def get(tx: Transaction, venue_id: int) -> Venue | None:
    """Give a venue, or None where it is unknown or erased.

    Raises:
        LockedError: it is locked.
    """
    return VENUES.get(tx, venue_id)


def put(tx: Transaction, venue: Venue) -> None:
    """Store a venue, new or changed."""
    VENUES.put(tx, venue)


def hold(tx: Transaction, event_id: EventId, by: TeamId, now: datetime) -> None:
    """Hold an event's places, opening nothing; one that is held already stays held as it is."""
    states = (VenueState.CONFIRMED.value, VenueState.PROPOSED.value)
    tx.run(
        "UPDATE venues SET held_at = COALESCE(held_at, ?), held_by = COALESCE(held_by, ?) "
        "WHERE event_id = ? AND state IN (?, ?)",
        to_row(now),
        by,
        event_id,
        *states,
    )


def outline(tx: Transaction, venue_id: int) -> Outline | None:
    """Give what stands beside a sealed place, or None."""
    return _outline(tx, "id = ?", venue_id)


def outline_at(tx: Transaction, event_id: EventId) -> Outline | None:
    """Give the place of an event that holds, else the one that waits."""
    return _outline(
        tx,
        "event_id = ? AND state IN (?, ?) ORDER BY state = ? DESC, number DESC",
        event_id,
        VenueState.CONFIRMED.value,
        VenueState.PROPOSED.value,
        VenueState.CONFIRMED.value,
    )


def _outline(tx: Transaction, where: str, *parameters: Value) -> Outline | None:
    row = tx.one(
        tuple[int, int, int, str, int | None, int | None],
        f"SELECT id, event_id, number, state, held_at, held_by FROM venues WHERE {where}",  # noqa: S608 - our own
        *parameters,
    )
    if row is None:
        return None
    venue_id, event_id, number, state, held_at, held_by = row
    by = None if held_by is None else TeamId(held_by)
    hold_ = None if held_at is None or by is None else Hold(from_row(held_at), by)
    return Outline(venue_id, EventId(event_id), number, VenueState(state), hold_)


def put_aside(tx: Transaction, venue_id: int) -> bool:
    """Put a place aside that nobody has confirmed, opening nothing; False: it does not wait."""
    sql = "UPDATE venues SET state = ? WHERE id = ? AND state = ?"
    states = (VenueState.DECLINED.value, venue_id, VenueState.PROPOSED.value)
    return tx.run(sql, *states) > 0


def complete(tx: Transaction) -> None:
    """Put beside their sealed rows the holds that an earlier release has only put into them."""
    for event_id in tx.live_events():
        if is_readable(tx, event_id):
            for venue in VENUES.readable(tx, "event_id = ? AND held_at IS NULL", event_id):
                if venue.hold is not None:
                    put(tx, venue)


def confirmed(tx: Transaction, event_id: EventId) -> Venue | None:
    """Give the venue that holds for an event, or None.

    Raises:
        LockedError: it is locked.
    """
    return _with_state(tx, event_id, VenueState.CONFIRMED)


def proposed(tx: Transaction, event_id: EventId) -> Venue | None:
    """Give the venue of an event that waits for a second person, or None.

    Raises:
        LockedError: it is locked.
    """
    return _with_state(tx, event_id, VenueState.PROPOSED)


def next_number(tx: Transaction, event_id: EventId) -> int:
    """Give the number of the event's next venue; the first is 1."""
    return 1 + tx.number("SELECT MAX(number) FROM venues WHERE event_id = ?", event_id)


def _with_state(tx: Transaction, event_id: EventId, state: VenueState) -> Venue | None:
    where = "event_id = ? AND state = ? ORDER BY number DESC"
    return next(VENUES.find(tx, where, event_id, state.value), None)


# ---------------------------------------------------------------- who has learnt what


def untold(tx: Transaction, venue: Venue, stage: Stage, limit: int) -> list[PersonId]:
    """Give approved people who can be reached and have not learnt this stage of this venue.

    Those who had an earlier venue of the event come first. They are looked for by themselves, so
    that the others are looked at no further than to the last one given.
    """
    others = _untold(tx, venue, stage, "LIMIT ?", limit)
    if not earlier_venues(tx, venue):
        return others
    first = _untold(tx, venue, stage, _WHO_KNEW, venue.id, limit)
    return list(dict.fromkeys([*first, *others]))[:limit]


_UNTOLD = (
    "SELECT id FROM people WHERE event_id = ? AND standing = ? AND presence <> ? "
    "AND EXISTS (SELECT 1 FROM routes WHERE holder_id = people.id) "
    "AND NOT EXISTS (SELECT 1 FROM disclosures WHERE venue_id = ? AND stage = ? "
    "AND person_id = people.id)"
)
# Whoever knows another venue of the event than the one asked for.
_WHO_KNEW = (
    "AND EXISTS (SELECT 1 FROM disclosures WHERE event_id = people.event_id "
    "AND person_id = people.id AND venue_id <> ?) LIMIT ?"
)


def _untold(
    tx: Transaction, venue: Venue, stage: Stage, where: str, *values: int
) -> list[PersonId]:
    rows = tx.all(
        tuple[int],
        f"{_UNTOLD} {where}",
        venue.event_id,
        Standing.APPROVED.value,
        Presence.TAKEN.value,
        venue.id,
        stage.value,
        *values,
    )
    return [PersonId(row[0]) for row in rows]


def add(
    tx: Transaction, venue: Venue, stages: Sequence[Stage], holder_id: int, now: datetime
) -> None:
    """Note that somebody was told these stages now; what they were told before stays noted."""
    for stage in stages:
        tx.run(
            "INSERT OR IGNORE INTO disclosures (venue_id, stage, person_id, event_id, told_at) "
            "VALUES (?, ?, ?, ?, ?)",
            venue.id,
            stage.value,
            holder_id,
            venue.event_id,
            to_row(now),
        )


def note_shown(
    tx: Transaction, venue_id: int, stages: Sequence[Stage], holder_id: int, now: datetime
) -> None:
    """Note that somebody has pressed *Show*, the first time."""
    for stage in stages:
        tx.run(
            "UPDATE disclosures SET shown_at = COALESCE(shown_at, ?) "
            "WHERE venue_id = ? AND stage = ? AND person_id = ?",
            to_row(now),
            venue_id,
            stage.value,
            holder_id,
        )


def note_confirmed(tx: Transaction, venue_id: int, holder_id: int, now: datetime) -> None:
    """Note that somebody says they have seen the new place, the first time."""
    tx.run(
        "UPDATE disclosures SET confirmed_at = COALESCE(confirmed_at, ?) "
        "WHERE venue_id = ? AND person_id = ?",
        to_row(now),
        venue_id,
        holder_id,
    )


def is_confirmed(tx: Transaction, venue_id: int, holder_id: int) -> bool:
    """Say whether somebody has said that they have seen this place."""
    where = "venue_id = ? AND person_id = ? AND confirmed_at IS NOT NULL"
    sql = f"SELECT COUNT(*) FROM disclosures WHERE {where}"  # noqa: S608 - a constant
    return tx.number(sql, venue_id, holder_id) > 0


def knows_any(tx: Transaction, event_id: EventId, holder_id: int) -> bool:
    """Say whether somebody has learnt any stage of any venue of this event."""
    sql = "SELECT COUNT(*) FROM disclosures WHERE event_id = ? AND person_id = ?"
    return tx.number(sql, event_id, holder_id) > 0


def knew_another(tx: Transaction, venue: Venue, holder_id: int) -> bool:
    """Say whether somebody has learnt anything of another venue of the same event."""
    sql = "SELECT COUNT(*) FROM disclosures WHERE event_id = ? AND person_id = ? AND venue_id <> ?"
    return tx.number(sql, venue.event_id, holder_id, venue.id) > 0


def told_stages(tx: Transaction, venue_id: int, holder_id: int | None = None) -> list[Stage]:
    """Give the stages of a venue that this person, or anybody, has learnt."""
    sql = "SELECT DISTINCT stage FROM disclosures WHERE venue_id = ?"
    if holder_id is None:
        rows = tx.all(tuple[str], sql, venue_id)
    else:
        rows = tx.all(tuple[str], f"{sql} AND person_id = ?", venue_id, holder_id)
    return [Stage(row[0]) for row in rows]


def holders_after(
    tx: Transaction, event_id: EventId, venue_ids: Sequence[int], after: int, limit: int
) -> list[int]:
    """Give whoever has learnt anything of these venues of an event, by their ids beyond `after`.

    By the event's index, which has them in that order: no more is looked at than is given.
    """
    marks = ", ".join("?" * len(venue_ids))
    rows = tx.all(
        tuple[int],
        f"SELECT DISTINCT person_id FROM disclosures WHERE event_id = ? AND venue_id IN ({marks}) "  # noqa: S608 - only marks
        "AND person_id > ? ORDER BY person_id LIMIT ?",
        event_id,
        *venue_ids,
        after,
        limit,
    )
    return [row[0] for row in rows]


def was_told_by(tx: Transaction, venue_id: int, holder_id: int, moment: datetime) -> bool:
    """Say whether the last that somebody was told of a venue came by then."""
    sql = "SELECT MAX(told_at) FROM disclosures WHERE venue_id = ? AND person_id = ?"
    return tx.number(sql, venue_id, holder_id) <= to_row(moment)


def next_told(tx: Transaction, venue_id: int, after: datetime) -> datetime | None:
    """Give the first moment after that one at which anybody was last told of a venue; or None."""
    last = "SELECT MAX(told_at) AS at FROM disclosures WHERE venue_id = ? GROUP BY person_id"
    sql = f"SELECT MIN(at) FROM ({last}) WHERE at > ?"  # noqa: S608 - a constant
    row = tx.one(tuple[int | None], sql, venue_id, to_row(after))
    return None if row is None or row[0] is None else from_row(row[0])


def count_told(tx: Transaction, venue_id: int, stage: Stage) -> tuple[int, int]:
    """Count the registered people who have learnt a stage, and who of them has pressed *Show*."""
    sql = (
        "SELECT COUNT(*) FROM disclosures WHERE venue_id = ? AND stage = ? "
        "AND person_id IN (SELECT id FROM people)"
    )
    told = tx.number(sql, venue_id, stage.value)
    shown = tx.number(f"{sql} AND shown_at IS NOT NULL", venue_id, stage.value)
    return told, shown


def unconfirmed(tx: Transaction, venue: Venue | Outline) -> list[PersonId]:
    """Give approved people who have not said that they have seen this venue, the new one."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM people WHERE event_id = ? AND standing = ? AND presence NOT IN (?, ?) "
        "AND EXISTS (SELECT 1 FROM disclosures WHERE event_id = people.event_id "
        "AND person_id = people.id AND venue_id <> ?) "
        "AND NOT EXISTS (SELECT 1 FROM disclosures WHERE venue_id = ? "
        "AND person_id = people.id AND confirmed_at IS NOT NULL) ORDER BY id",
        venue.event_id,
        Standing.APPROVED.value,
        Presence.TAKEN.value,
        Presence.HOME.value,
        venue.id,
        venue.id,
    )
    return [PersonId(row[0]) for row in rows]


def earlier_venues(tx: Transaction, venue: Venue) -> list[int]:
    """Give the ids of the other venues that this event had."""
    return [one for one in venues_of(tx, venue.event_id) if one != venue.id]


def venues_of(tx: Transaction, event_id: EventId) -> list[int]:
    """Give the ids of all venues of an event, opening nothing."""
    sql = "SELECT id FROM venues WHERE event_id = ? ORDER BY number"
    return [row[0] for row in tx.all(tuple[int], sql, event_id)]


def has_learnt(tx: Transaction, venue_id: int, stage: Stage, holder_id: int) -> bool:
    """Say whether somebody was told this stage of this venue."""
    sql = "SELECT COUNT(*) FROM disclosures WHERE venue_id = ? AND stage = ? AND person_id = ?"
    return tx.number(sql, venue_id, stage.value, holder_id) > 0
