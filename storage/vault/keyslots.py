"""The keys, wrapped, in a file of their own: what is destroyed here stays destroyed.

Unlock secret → root key pair → epoch key pair → the keys themselves, each sealed to the public
half of the level above. So adding, destroying, rotating, and giving out or revoking an unlock
secret need no secret in memory: neither root nor epoch key outlives `unlock`. Destroying
overwrites the key's place in both banks and makes a new epoch: a stray old copy of the sealed key
opens only together with an old copy of its epoch, which was overwritten too. A new epoch needs
every kept key; while some are locked it is owed, and made at the next unlock.

Calls that derive a key (`create`, `unlock`, `find_root`, `open_again`, `new_secret`, `add_secret`)
take about half a second; the others about a millisecond plus two flushes. A command derives for
itself, beside a running bot, and hands over the root key. Not for several threads at once.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.vault import derivation, slotfile, slotimage, slotseals, words
from storage.vault.derivation import DEFAULT, Parameters
from storage.vault.errors import (
    BrokenKeySlotsError,
    FullKeySlotsError,
    KeyNameTakenError,
    LastSecretError,
    LockedKeyError,
    MissingKeyError,
)
from storage.vault.keys import (
    COMMUNITY_WIDE,
    LOCKABLE,
    Key,
    KeyKind,
    KeyName,
    new_case_pair,
    new_key,
    public_half,
)
from storage.vault.sight import Seeing, Sight
from storage.vault.slotfile import SlotFile
from storage.vault.slotimage import Image
from storage.vault.slotseals import Guard, Named, Placed
from storage.vault.words import UnlockSecret

FIRST = "first"  # the name of the unlock secret that comes with the file


@dataclass(frozen=True, slots=True)
class Destruction:
    """What a receipt may say: which keys are gone, and whether the new epoch is still owed."""

    destroyed: frozenset[KeyName]
    rotation_owed: bool
    generation: int


def _seen(opened: Mapping[KeyName, Placed]) -> Sight:
    return Sight({name: placed.key for name, placed in opened.items()}, opened)


class KeySlots(Seeing):
    """The unlocked key slot file: the keys in memory, and the only way to change what is kept."""

    def __init__(
        self, file: SlotFile, image: Image, guard: Guard, opened: Mapping[KeyName, Placed]
    ) -> None:
        self._file = file
        self._image = image
        self._guard = guard
        self._places = {name: placed.place for name, placed in opened.items()}
        self.sight = _seen(opened)
        self._attempts = image.generation
        self.lockings = 0  # how often keys were dropped

    @property
    def is_rotation_owed(self) -> bool:
        """Whether a key was destroyed while others were locked, and the epoch is still the old."""
        return self._image.rotation_owed

    @property
    def file_id(self) -> bytes:
        """Sixteen bytes that the database keeps, so that a foreign file is noticed."""
        return self._image.file_id

    @property
    def generation(self) -> int:
        """How often the file was written; a smaller number than seen before is an old copy."""
        return self._image.generation

    def key(self, kind: KeyKind, event_id: int | None = None, version: int = 1) -> Key:
        """Give one key.

        Raises: LockedKeyError where it is kept but not open, MissingKeyError where it is not.
        """
        name = KeyName(kind, event_id, version)
        if name in self.keys:
            return self.keys[name]
        if name in self._places:
            raise LockedKeyError(f"the {kind.value} key is locked")
        raise MissingKeyError(f"there is no such {kind.value} key")

    def is_overtaken(self) -> bool:
        """Say whether somebody else has written the file since it was read.

        Raises: BrokenKeySlotsError, ForeignKeySlotsError, NewerKeySlotsError, OSError.
        """
        return slotimage.decode(self._file.newest()).generation != self.generation

    def add(self, names: Iterable[KeyName]) -> None:
        """Make fresh symmetric keys and keep them; see `store`."""
        self.store({name: new_key() for name in names})

    def store(self, new: Mapping[KeyName, Key]) -> None:
        """Keep new keys: all of them durably when it returns, or none. Works while locked.

        Raises: KeyNameTakenError, FullKeySlotsError, OSError.
        """
        if self._places.keys() & new.keys():
            raise KeyNameTakenError("a key of that name is kept already")
        taken = set(self._places.values())
        free = [place for place in range(slotimage.KEY_PLACES) if place not in taken]
        if len(free) < len(new):
            raise FullKeySlotsError("no place for another key: end and purge an old event first")
        places = dict(zip(new, free, strict=False))
        entries = list(self._image.entries)
        for name, place in places.items():
            entries[place] = slotseals.seal_entry(self._image, place, name, new[name])
        self._write(replace(self._image, entries=tuple(entries)))
        self._places.update(places)
        self.sight = self.sight.changed(new, ())

    def destroy(self, names: Iterable[KeyName]) -> Destruction:
        """Overwrite keys for good, durably in both banks, and make a new epoch.

        Names that are not kept are passed over, so that a purge can be repeated after a crash.
        While keys are locked, the new epoch is owed until the next unlock.
        Raises: OSError.
        """
        doomed = self.names & frozenset(names)
        staying = {name: place for name, place in self._places.items() if name not in doomed}
        if staying.keys() <= self.keys.keys():
            image = self._rotated(self._image, staying)
        else:
            gone = {self._places[name] for name in doomed}
            entries = (
                slotimage.noise() if place in gone else entry
                for place, entry in enumerate(self._image.entries)
            )
            image = replace(self._image, entries=tuple(entries), rotation_owed=True)
        self._write(image)
        self._places = staying
        self._show({name: key for name, key in self.keys.items() if name in staying})
        return Destruction(doomed, image.rotation_owed, self.generation)

    def lock(self) -> None:
        """Drop people and private case keys until `open_again`; all else goes on.

        Python frees them and overwrites nothing: who reads this process's memory may find them.
        """
        left = {name: key for name, key in self.keys.items() if name.kind not in LOCKABLE}
        self.lockings += len(left) < len(self.keys)
        self._show(left)

    def open_again(self, secret: UnlockSecret) -> None:
        """Bring the locked keys back into memory, and make an epoch that is owed.

        Raises: WrongSecretError.
        """
        self.open_with(slotseals.root_of(self._image, secret))

    def open_with(self, root: Key) -> None:
        """Do what `open_again` does, with the root key that `find_root` gave.

        Raises: WrongSecretError.
        """
        self.require_root(root)
        self.sight = _seen(slotseals.open_entries(self._image, root))
        self.settle()

    def settle(self) -> None:
        """Finish a write that was cut off, and make an epoch that is owed. Nothing may be locked.

        Raises: OSError.
        """
        if self.is_rotation_owed:
            self._write(self._rotated(self._image, self._places))
        elif self._file.is_uneven:
            self._write(self._image)

    def require_root(self, root: Key) -> None:
        """Raise WrongSecretError unless `root` opens this file now."""
        slotseals.require_root(self._image, root)

    def secrets(self) -> tuple[str, ...]:
        """Name the unlock secrets that open this file."""
        return tuple(named.name for named in slotseals.named_secrets(self._image, self._guard))

    def add_secret(self, name: str, parameters: Parameters = DEFAULT) -> UnlockSecret:
        """Make another unlock secret, to be shown once. Its name takes at most 32 bytes.

        Raises: what `new_secret` and `admit` raise.
        """
        secret, named = self.new_secret(name, parameters)
        self.admit(named)
        return secret

    def new_secret(self, name: str, parameters: Parameters) -> tuple[UnlockSecret, Named]:
        """Make an unlock secret that opens nothing yet: it does once `named` is admitted.

        Raises: KeyNameTakenError, FullKeySlotsError, SecretNameError, WeakParametersError.
        """
        self._require_room(name)
        secret = words.new_secret()
        public = public_half(derivation.derive(secret, self._image.salt, parameters))
        return secret, Named(name, parameters, public)

    def admit(self, named: Named) -> None:
        """Let an unlock secret open this file: new root, new epoch, sealed to it as well.

        Raises: KeyNameTakenError, FullKeySlotsError, SecretNameError, WeakParametersError,
        LockedKeyError, OSError.
        """
        self._require_room(named.name)
        derivation.require_affordable(named.parameters)
        kept = slotseals.named_secrets(self._image, self._guard)
        self._replace_root((*kept, named))

    def revoke_secret(self, name: str) -> None:
        """Make an unlock secret worthless: new root, new epoch, sealed to the others only.

        Raises: MissingKeyError, LastSecretError, LockedKeyError, OSError.
        """
        before = slotseals.named_secrets(self._image, self._guard)
        kept = tuple(named for named in before if named.name != name)
        if len(kept) == len(before):
            raise MissingKeyError("there is no unlock secret of that name")
        if not kept:
            raise LastSecretError("the last unlock secret cannot be revoked: add another first")
        self._replace_root(kept)

    def close(self) -> None:
        """Forget the keys and let go of the file."""
        self._show({})
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _show(self, keys: Mapping[KeyName, Key]) -> None:
        self.sight = Sight(keys, self._places)

    def _write(self, image: Image) -> None:
        self._attempts += 1  # also after a failure: no two states share a generation
        image = replace(image, generation=self._attempts)
        self._file.write(slotimage.encode(image, self._guard.seal))
        self._image = image

    def _rotated(self, image: Image, places: Mapping[KeyName, int]) -> Image:
        """Seal every kept key under a new epoch; every other place gets new noise."""
        epoch = new_case_pair()
        image = replace(
            image,
            epoch_public=epoch.public,
            sealed_epoch=slotseals.seal_epoch(image, epoch.private),
            rotation_owed=False,
        )
        entries = [slotimage.noise() for _ in range(slotimage.KEY_PLACES)]
        for name, place in places.items():
            entries[place] = slotseals.seal_entry(image, place, name, self.keys[name])
        return replace(image, entries=tuple(entries))

    def _require_room(self, name: str) -> None:
        slotseals.require_name(name)
        kept = self.secrets()
        if name in kept:
            raise KeyNameTakenError("an unlock secret of that name is there already")
        if len(kept) == slotimage.SECRET_PLACES:
            raise FullKeySlotsError("no place for another unlock secret: revoke one first")

    def _replace_root(self, kept: tuple[Named, ...]) -> None:
        if self.is_locked:
            raise LockedKeyError("unlock secrets change only while everything is unlocked")
        root = new_case_pair()
        guard = Guard.of(root.private)
        image = replace(
            self._image,
            root_public=root.public,
            secrets=slotseals.seal_root(self._image, root.private, kept),
        )
        image = self._rotated(image, self._places)
        before, self._guard = self._guard, guard
        try:
            self._write(image)
        except OSError:
            self._guard = before
            raise


def create(
    path: Path, parameters: Parameters = DEFAULT, brought: Mapping[KeyName, Key] | None = None
) -> tuple[KeySlots, UnlockSecret]:
    """Make the key slot file (0600) with the community's keys and one unlock secret.

    `brought` are keys from elsewhere that take the place of fresh ones, or come in addition.
    Raises: WeakParametersError, FullKeySlotsError, FileExistsError and other OSErrors.
    """
    secret, salt = words.new_secret(), os.urandom(derivation.SALT_BYTES)
    public = public_half(derivation.derive(secret, salt, parameters))
    root, epoch = new_case_pair(), new_case_pair()
    image = Image(
        file_id=os.urandom(16),
        generation=0,
        rotation_owed=False,
        salt=salt,
        root_public=root.public,
        epoch_public=epoch.public,
        sealed_epoch=b"",
        secrets=(),
        entries=(),
    )
    kept = {KeyName(kind): new_key() for kind in COMMUNITY_WIDE} | dict(brought or {})
    if len(kept) > slotimage.KEY_PLACES:
        raise FullKeySlotsError("no place for so many keys")
    opened = {name: Placed(at, key) for at, (name, key) in enumerate(kept.items())}
    entries = [slotimage.noise() for _ in range(slotimage.KEY_PLACES)]
    for name, placed in opened.items():
        entries[placed.place] = slotseals.seal_entry(image, placed.place, name, placed.key)
    named = (Named(FIRST, parameters, public),)
    image = replace(
        image,
        sealed_epoch=slotseals.seal_epoch(image, epoch.private),
        secrets=slotseals.seal_root(image, root.private, named),
        entries=tuple(entries),
    )
    guard = Guard.of(root.private)
    file = slotfile.create(path, slotimage.encode(image, guard.seal))
    return KeySlots(file, image, guard, opened), secret


def unlock(path: Path, secret: UnlockSecret, *, to_write: bool = True) -> KeySlots:
    """Open the key slot file; finish what a power cut interrupted, make an epoch that is owed.

    `to_write=False` is for reading beside a running bot: it changes nothing and waits for nobody.
    Raises: WrongSecretError, BrokenKeySlotsError, ForeignKeySlotsError, NewerKeySlotsError,
    ExposedKeySlotsError, BusyKeySlotsError, FileNotFoundError and other OSErrors.
    """
    return _open(path, lambda image: slotseals.root_of(image, secret), to_write=to_write)


def unlock_with(path: Path, root: Key, *, to_write: bool = True) -> KeySlots:
    """Do what `unlock` does, with the root key that `find_root` gave.

    Raises: what `unlock` raises.
    """

    def find(image: Image) -> Key:
        slotseals.require_root(image, root)
        return root

    return _open(path, find, to_write=to_write)


def find_root(path: Path, secret: UnlockSecret) -> Key:
    """Derive the root key, for `unlock_with` here or `open_with` where the file is held open.

    Raises: what `unlock` raises, but BusyKeySlotsError.
    """
    file = slotfile.open_(path, to_write=False)
    try:
        return slotseals.root_of(slotimage.decode(file.newest()), secret)
    finally:
        file.close()


def _open(path: Path, find: Callable[[Image], Key], *, to_write: bool) -> KeySlots:
    file = slotfile.open_(path, to_write=to_write)
    try:
        slots = _opened(file, find)
        if to_write:
            slots.settle()
    except BaseException:
        file.close()
        raise
    return slots


def _opened(file: SlotFile, find: Callable[[Image], Key]) -> KeySlots:
    bank = file.newest()
    image = slotimage.decode(bank)
    root = find(image)
    guard = Guard.of(root)
    if not slotimage.is_genuine(bank, guard.seal):
        raise BrokenKeySlotsError("the key slot file was altered by someone else")
    return KeySlots(file, image, guard, slotseals.open_entries(image, root))
