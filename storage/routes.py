"""The routing index: from a Telegram id to who that is, and from a person to their chat.

An id is looked up as HMAC under each live event's routing key and the community's, in one query.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from safety.people import ChatId, EventId, PersonId, Recipient, TeamId, Unprinted
from storage.chats import route_digests
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import open_under, seal


@dataclass(frozen=True, slots=True, repr=False)
class Route(Unprinted):
    """One chat's place at one event, or in the team where `event_id` is None."""

    event_id: EventId | None
    holder_id: int  # a PersonId, or a TeamId
    recipient: Recipient

    @property
    def person_id(self) -> PersonId | None:
        """Give who takes part in the event; None in the team."""
        return None if self.event_id is None else PersonId(self.holder_id)

    @property
    def team_id(self) -> TeamId | None:
        """Give who of the team it is; None at an event."""
        return TeamId(self.holder_id) if self.event_id is None else None


def put(tx: Transaction, event_id: EventId | None, holder_id: int, recipient: Recipient) -> None:
    """Store where `holder_id` can be reached; a chat has one place in each event."""
    remove(tx, holder_id)
    digests = route_digests(tx, recipient.chat_id, event_id)
    for digest in digests:
        tx.run("DELETE FROM routes WHERE digest = ?", digest)
    route_id = tx.new_id()
    plain = msgspec.msgpack.encode(recipient)
    blob = seal(_keys(tx, event_id)[0], plain, table="routes", row=route_id)
    tx.run(
        "INSERT INTO routes (digest, id, event_id, holder_id, sealed) VALUES (?, ?, ?, ?, ?)",
        digests[0],
        route_id,
        event_id,
        holder_id,
        blob,
    )


def of_chat(tx: Transaction, chat_id: ChatId) -> list[Route]:
    """Give every place that this chat has, the team's first."""
    digests = _all_digests(tx, chat_id)
    marks = ", ".join("?" * len(digests))
    found = _find(tx, f"digest IN ({marks})", *digests)  # only marks
    return sorted(found, key=lambda route: route.event_id or 0)


def is_known(tx: Transaction, chat_id: ChatId) -> bool:
    """Say whether this chat has any place, opening none."""
    digests = _all_digests(tx, chat_id)
    marks = ", ".join("?" * len(digests))
    return tx.number(f"SELECT COUNT(*) FROM routes WHERE digest IN ({marks})", *digests) > 0  # noqa: S608 - only marks


def _all_digests(tx: Transaction, chat_id: ChatId) -> list[bytes]:
    digests = route_digests(tx, chat_id, None)
    for event in tx.live_events():
        digests += route_digests(tx, chat_id, event)
    return digests


def of_holder(tx: Transaction, holder_id: int) -> Recipient | None:
    """Give where this person can be reached, or None."""
    return next((route.recipient for route in _find(tx, "holder_id = ?", holder_id)), None)


def holders(tx: Transaction, event_id: EventId) -> frozenset[int]:
    """Give everybody who has a place at an event, without opening where."""
    sql = "SELECT holder_id FROM routes WHERE event_id = ?"
    return frozenset(row[0] for row in tx.all(tuple[int], sql, event_id))


def of_event(tx: Transaction, event_id: EventId) -> list[Route]:
    """Give everybody's place at an event; none once its routing key is gone."""
    if not tx.has_key(KeyKind.ROUTING, event_id):
        return []
    return at(tx, event_id)


def at(tx: Transaction, event_id: EventId | None) -> list[Route]:
    """Give everybody's place at an event, or in the team where `event_id` is None.

    Raises:
        LockedError: its routing key is gone.
    """
    return list(_find(tx, "event_id IS ?", event_id))


def remove(tx: Transaction, holder_id: int) -> None:
    """Forget where this person can be reached."""
    tx.effects.routes = True
    tx.run("DELETE FROM routes WHERE holder_id = ?", holder_id)


def remove_event(tx: Transaction, event_id: EventId) -> None:
    """Forget everybody's place at this event."""
    tx.effects.routes = True
    tx.run("DELETE FROM routes WHERE event_id = ?", event_id)


def _find(tx: Transaction, where: str, *parameters: int | bytes | None) -> Iterator[Route]:
    rows = tx.all(
        tuple[int, int | None, int, bytes],
        f"SELECT id, event_id, holder_id, sealed FROM routes WHERE {where}",  # noqa: S608 - ours
        *parameters,
    )
    for route_id, event, holder_id, blob in rows:
        event_id = None if event is None else EventId(event)
        plain = open_under(_keys(tx, event_id), blob, table="routes", row=route_id)
        yield Route(event_id, holder_id, msgspec.msgpack.decode(plain, type=Recipient))


def name_anew(tx: Transaction, event_id: EventId, route_id: int, plain: bytes) -> None:
    """Store a route under the newest name of its chat; `plain` is what the route has sealed."""
    recipient = msgspec.msgpack.decode(plain, type=Recipient)
    digest = route_digests(tx, recipient.chat_id, event_id)[0]
    tx.run("UPDATE routes SET digest = ? WHERE id = ?", digest, route_id)


def _keys(tx: Transaction, event_id: EventId | None) -> list[Key]:
    if event_id is None:
        return tx.keys(KeyKind.COMMUNITY)
    return tx.keys(KeyKind.ROUTING, event_id)
