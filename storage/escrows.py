"""The escrow: the keys that a backup needs, sealed to those who may restore, anew at each purge.

A parcel of its own, apart from the backup. Inside it each key is wrapped once more for each
holder, and the bot itself can open the parcel: so a locked bot, which has some keys no longer in
memory, still makes a new escrow that leaves out what was destroyed. The transit key is in none.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from typing_extensions import override

from safety.people import Role, Unprinted
from storage import keyholders, purges
from storage.moments import from_row, to_row
from storage.transaction import Transaction
from storage.vault import sealing
from storage.vault.errors import BrokenParcelError, BrokenSealError, VaultError
from storage.vault.keys import CasePair, Key, KeyKind, KeyName, pair_within
from storage.vault.parcels import ParcelWriter, read_parcel
from storage.vault.streams import NEW, PART, replace_wiped, take_away, wipe

PURPOSE = "escrow"
FORMAT = 1
PEOPLE_KEYS = (KeyKind.PEOPLE, KeyKind.ROUTING)  # what a purge destroys
HOLDERS = frozenset({Role.ORGANIZER, Role.DEPUTY})

_Wraps = dict[bytes, bytes]  # a recipient's public half → the key, wrapped for them


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    kind: KeyKind
    event_id: int | None
    version: int
    wraps: _Wraps


class _Body(msgspec.Struct, array_like=True, frozen=True):
    format: int
    made_at: int
    purges: int
    entries: list[_Entry]


@dataclass(frozen=True, slots=True, repr=False)
class Draft(Unprinted):
    """What an escrow is to hold, as of one moment. `kept` names also keys that are locked."""

    made_at: datetime
    purges: int
    holders: tuple[Key, ...]
    own: CasePair
    held: Mapping[KeyName, Key]
    kept: frozenset[KeyName]


@dataclass(frozen=True, slots=True, repr=False)
class Escrow(Unprinted):
    """What an opened escrow gives: the keys as of `made_at`, after `purges` lines of the list."""

    made_at: datetime
    purges: int
    keys: Mapping[KeyName, Key]


class _Writer(ParcelWriter):
    """Writes an escrow; one that does not come to its end is overwritten as an old one is."""

    @override
    def _discard(self, temporary: Path) -> None:
        take_away(temporary)


def holders(tx: Transaction) -> tuple[Key, ...]:
    """Give the public keys of those who may restore: organizers and deputies."""
    found = (one for one in keyholders.current(tx) if one.role in HOLDERS)
    return tuple(Key(one.public) for one in found)


def draft(tx: Transaction, now: datetime) -> Draft:
    """Note what the escrow is to hold now."""
    sql = "SELECT kind, event_id, version FROM key_destructions"
    doomed = [
        KeyName(KeyKind(kind), event_id or None, version)
        for kind, event_id, version in tx.all(tuple[str, int, int], sql)
    ]
    kept = frozenset(
        name for name in tx.names if name.kind is not KeyKind.TRANSIT and not name.is_among(doomed)
    )
    own = pair_within(tx.key(KeyKind.COMMUNITY), PURPOSE)
    held = {name: key for name, key in tx.held_keys().items() if name in kept}
    return Draft(now, purges.latest(tx), holders(tx), own, held, kept)


def write(path: Path, what: Draft) -> None:
    """Put a new escrow in the place of the one that may be there, which is overwritten.

    Keys that are locked are taken over from that one, still wrapped. Where nobody could open a new
    one, there is none from then on.
    Raises: OSError.
    """
    new = path.with_name(path.name + NEW)
    if not what.holders:
        wipe(path)
        wipe(new)
        return
    earlier = _earlier(path, what)
    entries = [
        _Entry(name.kind, name.event_id, name.version, wraps)
        for name in sorted(what.kept, key=_order)
        if (wraps := _wraps(what, name) or _still_meant(what, earlier.get(name, {})))
    ]
    body = _Body(FORMAT, to_row(what.made_at), what.purges, entries)
    for leftover in (new, new.with_name(new.name + PART)):
        wipe(leftover)
    with _Writer(new, [*what.holders, what.own.public], PURPOSE) as parcel:
        parcel.write(msgspec.msgpack.encode(body))
        parcel.finish()
    replace_wiped(new, path)


def read(path: Path, private: Key) -> Escrow:
    """Open an escrow with one of the identities it is sealed to.

    Raises: WrongIdentityError, BrokenParcelError, ForeignParcelError, OSError.
    """
    body = _read(path, private)
    keys: dict[KeyName, Key] = {}
    for entry in body.entries:
        name = KeyName(entry.kind, entry.event_id, entry.version)
        for wrapped in entry.wraps.values():
            try:
                keys[name] = Key(sealing.unwrap(private, wrapped, _place(name)))
            except BrokenSealError:
                continue
            break
    return Escrow(from_row(body.made_at), body.purges, keys)


def without(keys: Mapping[KeyName, Key], gone: Collection[int]) -> dict[KeyName, Key]:
    """Give the keys that a restored installation may have: none of the events that are `gone`."""
    return {
        name: key
        for name, key in keys.items()
        if name.kind not in PEOPLE_KEYS or name.event_id not in gone
    }


def _earlier(path: Path, what: Draft) -> dict[KeyName, _Wraps]:
    """Give the wrapped keys of the escrow that is there, if it is needed and can be read."""
    if what.kept <= what.held.keys():
        return {}
    for there in (path, path.with_name(path.name + NEW)):
        try:
            body = _read(there, what.own.private)
        except (VaultError, OSError):
            continue
        return {KeyName(one.kind, one.event_id, one.version): one.wraps for one in body.entries}
    return {}


def _wraps(what: Draft, name: KeyName) -> _Wraps:
    key = what.held.get(name)
    if key is None:
        return {}
    return {
        holder.reveal(): sealing.wrap(holder, key.reveal(), _place(name))
        for holder in what.holders
    }


def _still_meant(what: Draft, wraps: _Wraps) -> _Wraps:
    current = {holder.reveal() for holder in what.holders}
    return {public: wrapped for public, wrapped in wraps.items() if public in current}


def _read(path: Path, private: Key) -> _Body:
    content = b"".join(read_parcel(path, private, PURPOSE))
    try:
        body = msgspec.msgpack.decode(content, type=_Body)
    except msgspec.MsgspecError:
        raise BrokenParcelError("this escrow was written by a newer program") from None
    if body.format != FORMAT:
        raise BrokenParcelError("this escrow was written by a newer program")
    return body


def _order(name: KeyName) -> tuple[str, int, int]:
    return name.kind.value, name.event_id or 0, name.version


def _place(name: KeyName) -> bytes:
    return f"escrowed key\0{name.kind}\0{name.event_id or 0}\0{name.version}".encode()
