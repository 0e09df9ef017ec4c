"""What is sealed to what inside a key slot file: secret, root, epoch, key.

Every sealed piece is bound to its file, and a key also to its place, so that pieces of two files,
or of two places, cannot be mixed.
"""

import struct
from dataclasses import dataclass
from typing import Self

from storage.vault import derivation, sealing, slotimage
from storage.vault.derivation import Parameters
from storage.vault.errors import (
    BrokenKeySlotsError,
    BrokenSealError,
    SecretNameError,
    WrongSecretError,
)
from storage.vault.keys import Key, KeyKind, KeyName, public_half
from storage.vault.slotimage import Image, SecretPlace
from storage.vault.words import UnlockSecret

_ENTRY = struct.Struct(">BQI32s")
_KINDS = (  # the place in this row is written on the disk: add at the end, never reorder
    KeyKind.DATABASE,
    KeyKind.COMMUNITY,
    KeyKind.TRANSIT,
    KeyKind.LOG_SIGNING,
    KeyKind.ROUTING,
    KeyKind.PEOPLE,
    KeyKind.CASE_PUBLIC,
    KeyKind.CASE_PRIVATE,
)


@dataclass(frozen=True, slots=True)
class Guard:
    """What stays in memory to write the file: it seals banks and reads labels, opens no key."""

    seal: Key
    label: Key

    @classmethod
    def of(cls, root: Key) -> Self:
        """Derive both from the private half of the root."""
        return cls(derivation.subkey(root, b"bank seal"), derivation.subkey(root, b"labels"))


@dataclass(frozen=True, slots=True)
class Placed:
    """A key, and where it stands in the file."""

    place: int
    key: Key


@dataclass(frozen=True, slots=True)
class Named:
    """An unlock secret as far as it is known without the secret itself."""

    name: str
    parameters: Parameters
    public: Key


def root_of(image: Image, secret: UnlockSecret) -> Key:
    """Open the root key with an unlock secret (one derivation per distinct cost).

    Raises: WrongSecretError, BrokenKeySlotsError.
    """
    derived: dict[Parameters, Key] = {}
    for place in image.secrets:
        if place is None:
            continue
        if place.parameters not in derived:
            derived[place.parameters] = derivation.derive(secret, image.salt, place.parameters)
        private = derived[place.parameters]
        if public_half(private) == place.public:
            return _unwrap_key(private, place.sealed_root, _root_place(image))
    raise WrongSecretError("this unlock secret opens nothing here")


def require_root(image: Image, root: Key) -> None:
    """Raise WrongSecretError unless `root` is the private half of the image's root."""
    if public_half(root) != image.root_public:
        raise WrongSecretError("this root key opens nothing here any more")


def open_entries(image: Image, root: Key) -> dict[KeyName, Placed]:
    """Open every key of a genuine bank.

    Raises: BrokenKeySlotsError.
    """
    epoch = _unwrap_key(root, image.sealed_epoch, _epoch_place(image))
    opened: dict[KeyName, Placed] = {}
    for place, entry in enumerate(image.entries):
        try:
            plain = sealing.unwrap(epoch, entry, _entry(image, place))
        except BrokenSealError:
            continue  # noise: the bank is genuine, so nothing else can stand here
        kind, event_id, version, raw = _ENTRY.unpack(plain)
        opened[KeyName(_KINDS[kind], event_id or None, version)] = Placed(place, Key(raw))
    return opened


def seal_entry(image: Image, place: int, name: KeyName, key: Key) -> bytes:
    """Seal a key to the image's epoch, for one place: 93 bytes."""
    plain = _ENTRY.pack(_KINDS.index(name.kind), name.event_id or 0, name.version, key.reveal())
    return sealing.wrap(image.epoch_public, plain, _entry(image, place))


def seal_root(image: Image, root: Key, kept: tuple[Named, ...]) -> tuple[SecretPlace | None, ...]:
    """Seal a root key to each unlock secret that is to open it.

    Raises: SecretNameError.
    """
    guard = Guard.of(root)
    places = tuple(
        SecretPlace(
            named.parameters,
            named.public,
            sealing.wrap(named.public, root.reveal(), _root_place(image)),
            _seal_label(image, guard, named),
        )
        for named in kept
    )
    return places + (None,) * (slotimage.SECRET_PLACES - len(places))


def require_name(name: str) -> None:
    """Raise SecretNameError unless `name` fits beside an unlock secret and can be shown."""
    if not name.isprintable() or not 1 <= len(name.encode()) <= slotimage.LABEL_BYTES:
        raise SecretNameError(
            f"the name of an unlock secret takes 1 to {slotimage.LABEL_BYTES} bytes"
        )


def _seal_label(image: Image, guard: Guard, named: Named) -> bytes:
    require_name(named.name)
    padded = named.name.encode().ljust(slotimage.LABEL_BYTES, b"\0")
    return sealing.seal(
        guard.label, padded, table=_label_table(image), row=_label_row(named.public)
    )


def _open_label(image: Image, guard: Guard, place: SecretPlace) -> str:
    padded = sealing.open_(
        guard.label, place.sealed_label, table=_label_table(image), row=_label_row(place.public)
    )
    return padded.rstrip(b"\0").decode()


def named_secrets(image: Image, guard: Guard) -> tuple[Named, ...]:
    """List the unlock secrets of an image."""
    return tuple(
        Named(_open_label(image, guard, place), place.parameters, place.public)
        for place in image.secrets
        if place is not None
    )


def _unwrap_key(private: Key, wrapped: bytes, place: bytes) -> Key:
    try:
        return Key(sealing.unwrap(private, wrapped, place))
    except BrokenSealError:
        raise BrokenKeySlotsError("the key slot file was altered by someone else") from None


def _root_place(image: Image) -> bytes:
    return b"key slots root\0" + image.file_id


def seal_epoch(image: Image, epoch: Key) -> bytes:
    """Seal the epoch's private half to the image's root: 80 bytes."""
    return sealing.wrap(image.root_public, epoch.reveal(), _epoch_place(image))


def _epoch_place(image: Image) -> bytes:
    return b"key slots epoch\0" + image.file_id


def _entry(image: Image, place: int) -> bytes:
    return b"key slots entry\0" + image.file_id + place.to_bytes(2, "big")


def _label_table(image: Image) -> str:
    return "unlock secret " + image.file_id.hex()


def _label_row(public: Key) -> int:
    return int.from_bytes(public.reveal()[:8], "big", signed=True)
