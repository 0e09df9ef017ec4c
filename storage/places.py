"""Which tables are sealed under a key that is replaced: their rows move to its next version.

A table that is missing here would lose its rows with the old version: `Shelf` refuses such a one,
and a test compares this list with the shape of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.vault.keys import KeyKind


@dataclass(frozen=True, slots=True)
class Place:
    """One table: the column that orders its rows, and the one that its blobs are bound to.

    Rows are found by the first: it is the table's key, or a step would look through all for each.
    """

    table: str
    number: str = "id"
    row: str = "id"


PLACES: Mapping[KeyKind, tuple[Place, ...]] = {
    KeyKind.TRANSIT: (
        Place("inbox", number="seq", row="update_id"),
        Place("outbox"),
        Place("messages"),
        Place("forms", number="chat"),
    ),
    KeyKind.PEOPLE: (Place("people"), Place("invitations"), Place("venues")),
    KeyKind.ROUTING: (
        Place("routes"),
        Place("alarms"),
        Place("detentions"),
        Place("injuries"),
        Place("rollcalls"),
        Place("groups"),
    ),
}


def is_known(kind: KeyKind, table: str) -> bool:
    """Say whether the rows of `table` may be sealed under a key of this kind."""
    return kind not in PLACES or any(place.table == table for place in PLACES[kind])
