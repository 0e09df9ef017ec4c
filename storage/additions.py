"""Additions on their way: what a sealed case carries for writing them, and the file they come in.

The file is a parcel for the bot and for whoever wrote it. Anybody may seal to the bot, so it also
proves who wrote it: with a secret that the bot derives anew from the community's key for each
keyholder and event, and that a sealed case carries wrapped to that keyholder alone (ADR-0033).
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from safety.additions import MOST, Addition
from safety.closing import CaseSeal
from safety.people import EventId, Unprinted
from storage.transaction import Transaction
from storage.vault.digests import proof_of_writer, same
from storage.vault.errors import BrokenParcelError, ForeignParcelError, WrongIdentityError
from storage.vault.keys import Key, KeyKind, key_within, pair_within, public_half
from storage.vault.parcels import ParcelWriter, read_parcel
from storage.vault.sealing import unwrap, wrap
from storage.vault.streams import NEW, PART, flush_directory

PURPOSE = "addition file"
LARGEST = 8 << 20  # bytes of all additions of one file
LARGEST_FILE = LARGEST + (64 << 10)  # bytes, with all that sealing adds


class FullSheetError(Exception):
    """There is no room for more in one file."""


@dataclass(frozen=True, slots=True, repr=False)
class Pen(Unprinted):
    """A writer's secret, wrapped to the public key of one keyholder."""

    holder_id: int
    public: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Desk(Unprinted):
    """What a sealed case carries for writing: the bot's public half, and a pen for each reader."""

    public: bytes
    pens: tuple[Pen, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Writer(Unprinted):
    """One keyholder at their desk: their secret, and the two public halves to seal to."""

    event_id: EventId
    holder_id: int
    secret: Key
    recipients: tuple[Key, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Sheet(Unprinted):
    """Additions to the records of one event, by one keyholder, in the order they were written."""

    event_id: EventId
    holder_id: int
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Signed(Unprinted):
    """A sheet as it is carried, and what proves who wrote it."""

    content: bytes
    proof: bytes


def desk(tx: Transaction, event_id: EventId, seals: Iterable[CaseSeal]) -> Desk:
    """Lay out what each reader of a case needs for writing."""
    place = _place(event_id)
    pens = tuple(
        Pen(
            seal.holder_id,
            seal.public,
            wrap(Key(seal.public), _secret(tx, event_id, seal.holder_id).reveal(), place),
        )
        for seal in seals
    )
    return Desk(_pair_public(tx).reveal(), pens)


def writer_at(laid: Desk, event_id: EventId, private: Key) -> Writer:
    """Take the pen that is this identity's.

    Raises:
        WrongIdentityError: there is none.
        BrokenSealError: it is another event's, or altered.
    """
    mine = public_half(private)
    pen = next((one for one in laid.pens if Key(one.public) == mine), None)
    if pen is None:
        raise WrongIdentityError("this case is not sealed to this identity")
    secret = Key(unwrap(private, pen.wrapped, _place(event_id)))
    return Writer(event_id, pen.holder_id, secret, (Key(laid.public), mine))


def write(path: Path, writer: Writer, additions: tuple[Addition, ...]) -> None:
    """Write all additions, in place of what was there: durable, whole or as it was before.

    Raises:
        FullSheetError: they are too many for one file.
        OSError: nothing can be written there.
    """
    sheet = Sheet(writer.event_id, writer.holder_id, additions)
    content = msgspec.msgpack.encode(sheet)
    if len(additions) > MOST or len(content) > LARGEST:
        raise FullSheetError
    signed = Signed(content, proof_of_writer(writer.secret, content))
    new = path.with_name(path.name + NEW)
    for rest in (new, new.with_name(new.name + PART)):  # of a power cut
        rest.unlink(missing_ok=True)
    with ParcelWriter(new, writer.recipients, PURPOSE) as parcel:
        parcel.write(msgspec.msgpack.encode(signed))
        parcel.finish()
    new.replace(path)
    flush_directory(path.parent)


def read(path: Path, private: Key) -> Signed:
    """Open a file of additions with the bot's private half, or with its writer's own.

    Raises:
        WrongIdentityError, BrokenParcelError, ForeignParcelError: it is none, or for others.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise ForeignParcelError("this file is too large to hold additions")
    content = b"".join(read_parcel(path, private, PURPOSE))
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.msgpack.decode(content, type=Signed)
    raise _foreign()


def private_half(tx: Transaction) -> Key:
    """Give the half that opens what was sealed to the bot; locked or not, it is there."""
    return pair_within(tx.key(KeyKind.COMMUNITY), PURPOSE).private


def author(signed: Signed) -> Sheet:
    """Read who says that they wrote it, and what.

    Raises:
        ForeignParcelError: it was written by another release, or by none.
    """
    with contextlib.suppress(msgspec.MsgspecError):
        sheet = msgspec.msgpack.decode(signed.content, type=Sheet)
        if len(sheet.additions) <= MOST:
            return sheet
    raise _foreign()


def require_author(tx: Transaction, signed: Signed, sheet: Sheet) -> None:
    """Make sure that it was written by who it says, having opened a case that left from here.

    Raises:
        BrokenParcelError: it was not.
    """
    _require_proof(_secret(tx, sheet.event_id, sheet.holder_id), signed)


def own(writer: Writer, signed: Signed) -> tuple[Addition, ...]:
    """Give the additions of a file to its own writer.

    Raises:
        ForeignParcelError: it was written by another release.
        BrokenParcelError: it is somebody else's, or another event's.
    """
    _require_proof(writer.secret, signed)
    return author(signed).additions


def _require_proof(secret: Key, signed: Signed) -> None:
    if not same(proof_of_writer(secret, signed.content), signed.proof):
        raise BrokenParcelError("these additions were not written by who they say")


def _pair_public(tx: Transaction) -> Key:
    return pair_within(tx.key(KeyKind.COMMUNITY), PURPOSE).public


def _secret(tx: Transaction, event_id: EventId, holder_id: int) -> Key:
    return key_within(tx.key(KeyKind.COMMUNITY), f"{PURPOSE} {event_id} {holder_id}")


def _place(event_id: EventId) -> bytes:
    return b"writer\0" + event_id.to_bytes(8, "big")


def _foreign() -> ForeignParcelError:
    return ForeignParcelError("these additions were written by another release")
