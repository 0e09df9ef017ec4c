"""Keys at the other end of a line: the same as in the file, at once, with its refusals."""

import errno
import gc
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safety.people import EventId
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import keykeeper, keyslots, keywire, slotimage
from storage.vault.derivation import FLOOR
from storage.vault.errors import FullKeySlotsError, KeyNameTakenError
from storage.vault.keyring import Keyring
from storage.vault.keys import (
    LOCKABLE,
    PER_EVENT,
    Key,
    KeyKind,
    KeyName,
    keys_of_new_event,
    new_key,
)
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import (
    Admit,
    BrokenFrameError,
    Done,
    KeyRequest,
    Look,
    Open,
    Refused,
    Revoke,
    Store,
    Told,
)
from storage.vault.remotekeys import RemoteKeyring

PATIENCE = 10.0  # real seconds


class Keeper:
    """The other end: holds the real file, on a thread, and answers until it is cut off."""

    def __init__(self, slots: KeySlots) -> None:
        self.slots = slots
        self._ours, theirs = socket.socketpair()
        self._ours.sendall(keywire.pack(Told(keykeeper.state_of(slots))))
        self.lost = threading.Event()
        self.keyring = RemoteKeyring(theirs, self.lost.set)
        self._theirs = theirs
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def push(self) -> None:
        """Tell all keys anew, unasked."""
        self._ours.sendall(keywire.pack(Told(keykeeper.state_of(self.slots))))

    def ends(self) -> None:
        """Be gone, as after `kill -9`; once is enough."""
        if self._ours.fileno() < 0:
            return
        self._ours.shutdown(socket.SHUT_RDWR)
        assert self.lost.wait(PATIENCE)
        self._thread.join(PATIENCE)
        self._ours.close()

    def babbles(self) -> None:
        """Say what is longer than anything that makes sense."""
        self._ours.sendall(b"\xff" * keywire.HEAD_BYTES)
        assert self.lost.wait(PATIENCE)

    def close(self) -> None:
        """Let go of both ends."""
        self.ends()
        self._theirs.close()

    def _serve(self) -> None:
        try:
            while True:
                request = keywire.receive(self._ours, keywire.WORKER_REQUEST)
                answer = keykeeper.carry_out(self.slots, request)
                self._ours.sendall(keywire.pack(Told(keykeeper.state_of(self.slots), answer)))
        except OSError:
            return


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[KeySlots]:
    """Give the real file, opened."""
    opened, _ = keyslots.create(tmp_path / "keys", FLOOR)
    with opened:
        yield opened


@pytest.fixture
def keeper(slots: KeySlots) -> Iterator[Keeper]:
    """Give a line to whoever holds the file."""
    made = Keeper(slots)
    yield made
    made.close()


def _same(one: Keyring, other: Keyring) -> bool:
    return (
        dict(one.keys) == dict(other.keys)
        and (one.names, one.file_id, one.generation)
        == (other.names, other.file_id, other.generation)
        and (one.is_locked, one.is_rotation_owed) == (other.is_locked, other.is_rotation_owed)
    )


def test_both_ends_hold_the_same_whatever_is_done(keeper: Keeper, slots: KeySlots) -> None:
    """A worker works with exactly what is kept."""
    keyring = keeper.keyring
    assert _same(keyring, slots)
    keyring.store(keys_of_new_event(7))
    keyring.store(keys_of_new_event(8))
    assert len(keyring.keys) == len(slots.keys) == 12
    assert _same(keyring, slots)
    keyring.lock()
    assert keyring.is_locked
    assert keyring.lockings == slots.lockings == 1
    assert not [name for name in keyring.keys if name.kind in LOCKABLE]
    assert _same(keyring, slots)
    gone = KeyName(KeyKind.PEOPLE, 7)
    receipt = keyring.destroy([gone, KeyName(KeyKind.PEOPLE, 99)])
    assert receipt.destroyed == {gone}
    assert receipt.rotation_owed
    assert receipt.generation == slots.generation
    assert keyring.is_rotation_owed
    assert _same(keyring, slots)


def test_what_is_stored_is_in_the_file_when_the_call_returns(
    keeper: Keeper, slots: KeySlots, tmp_path: Path
) -> None:
    """A database commit that follows may rely on it."""
    secret = slots.add_secret("second", FLOOR)
    new = {KeyName(KeyKind.PEOPLE, 7): new_key()}
    keeper.keyring.store(new)
    with keyslots.unlock(tmp_path / "keys", secret, to_write=False) as copy:
        assert new.items() <= dict(copy.keys).items()


async def test_a_database_sees_at_once_what_was_opened_again(
    keeper: Keeper, slots: KeySlots, tmp_path: Path
) -> None:
    """Nobody restarts anything after `aman unlock`."""
    name = KeyName(KeyKind.PEOPLE, 7)
    secret = slots.add_secret("second", FLOOR)
    keeper.keyring.store(keys_of_new_event(7))
    async with Database(tmp_path / "aman.db", keeper.keyring) as database:

        async def is_open() -> bool:
            return await database.write(lambda tx: name in tx.held_keys())

        assert await is_open()
        keeper.keyring.lock()
        assert not await is_open()
        slots.open_again(secret)
        keeper.push()
        keeper.keyring.report_started()  # answered after what was pushed
        assert await is_open()


async def test_what_was_locked_is_held_nowhere_any_more(keeper: Keeper, tmp_path: Path) -> None:
    """Not by supervisor, worker, writer or reader: who seizes it running finds no such key."""

    def lock(tx: Transaction) -> None:
        tx.effects.locks = True

    def held(sought: set[bytes]) -> int:
        gc.collect()
        found = (one for one in gc.get_objects() if isinstance(one, Key))
        return sum(key.reveal() in sought for key in found)

    async with Database(tmp_path / "aman.db", keeper.keyring) as database:
        await database.write(lambda tx: tx.create_event_keys(EventId(7)))
        kept = keeper.keyring.keys.items()
        locked = {key.reveal() for name, key in kept if name.kind in LOCKABLE}
        del kept
        assert held(locked) >= len(locked) == 2
        await database.read(lambda tx: tx.number("SELECT 1"))
        await database.write(lock)
        await database.read(lambda tx: tx.number("SELECT 1"))
        assert held(locked) == 0


def test_a_refusal_crosses_the_line_in_its_own_type(keeper: Keeper) -> None:
    """The database treats it as it treats the file's own."""
    keeper.keyring.store({KeyName(KeyKind.PEOPLE, 7): new_key()})
    with pytest.raises(KeyNameTakenError):
        keeper.keyring.store({KeyName(KeyKind.PEOPLE, 7): new_key()})
    with pytest.raises(FullKeySlotsError, match="no place"):
        keeper.keyring.store(
            {KeyName(KeyKind.PEOPLE, n): new_key() for n in range(100, 101 + slotimage.KEY_PLACES)}
        )
    assert len(keeper.keyring.keys) == 5


def test_a_disk_that_refuses_is_an_error_of_the_disk(
    keeper: Keeper, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the work is tried again, like after a full disk."""

    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        keeper.keyring.store({KeyName(KeyKind.PEOPLE, 7): new_key()})
    assert _same(keeper.keyring, slots)


def test_without_the_other_end_nothing_is_stored_and_nobody_waits(keeper: Keeper) -> None:
    """A worker whose supervisor is gone does not hang."""
    keeper.ends()
    for _ in range(2):
        with pytest.raises(ConnectionError):
            keeper.keyring.destroy([KeyName(KeyKind.TRANSIT)])
    assert KeyName(KeyKind.TRANSIT) in keeper.keyring.keys


def test_where_the_other_end_makes_no_sense_nobody_waits_either(keeper: Keeper) -> None:
    """It is as good as gone; whoever asks after that hears it too."""
    keeper.babbles()
    for _ in range(2):
        with pytest.raises(ConnectionError):
            keeper.keyring.destroy([KeyName(KeyKind.TRANSIT)])


def test_each_who_asks_hears_their_own_answer(keeper: Keeper) -> None:
    """How much waits is told on another thread than the one that destroys keys."""
    keyring = keeper.keyring
    keyring.store(keys_of_new_event(7))
    ends = threading.Event()

    def tell() -> None:
        while not ends.is_set():
            keyring.tell(["one line"], [])

    telling = threading.Thread(target=tell)
    telling.start()
    try:
        for kind in PER_EVENT:
            name = KeyName(kind, 7)
            assert keyring.destroy([name]).destroyed == {name}
    finally:
        ends.set()
        telling.join(PATIENCE)


@pytest.mark.parametrize("request_of", [Open, lambda root: Revoke(root, "second")])
def test_only_the_root_key_opens_or_revokes(
    slots: KeySlots, request_of: Callable[[Key], KeyRequest]
) -> None:
    """Whoever can speak to the supervisor still needs an unlock secret."""
    slots.add_secret("second", FLOOR)
    slots.store(keys_of_new_event(7))
    slots.lock()
    answer = keykeeper.carry_out(slots, request_of(new_key()))
    assert isinstance(answer, Refused)
    assert answer.kind == "vault-wrong-secret"
    assert slots.is_locked
    assert slots.secrets() == (keyslots.FIRST, "second")


def test_only_the_root_key_admits_another_secret(slots: KeySlots) -> None:
    """Or whoever can speak to the supervisor would make one for themselves."""
    _, named = slots.new_secret("mine", FLOOR)
    assert isinstance(keykeeper.carry_out(slots, Admit(new_key(), named)), Refused)
    assert slots.secrets() == (keyslots.FIRST,)


NO_REQUESTS = {
    "nothing": b"",
    "no MessagePack": b"\xc1",
    "noise": random.Random(7).randbytes(64),  # noqa: S311 - the same in each process
    "nested beyond all sense": b"\x91" * 5000,
    "something after it": keywire.pack(Look())[4:] + b"\0",
    "a worker's request": keywire.pack(Store([]))[4:],
    "an answer": keywire.pack(Done(is_locked=False))[4:],
    "cut short": keywire.pack(Open(new_key()))[4:-1],
    "a short key": keywire.pack(Open(new_key()))[4:].replace(b"\xc4\x20", b"\xc4\x1f"),
}


@pytest.mark.parametrize("body", NO_REQUESTS.values(), ids=NO_REQUESTS)
def test_what_is_no_request_is_refused_whole(body: bytes) -> None:
    """Nothing is guessed, and nothing in it runs."""
    with pytest.raises(BrokenFrameError):
        keywire.unpack(body, keywire.CONTROL_REQUEST)


def test_a_frame_longer_than_any_is_refused_unread() -> None:
    """Nobody fills the memory that is locked."""
    assert keywire.body_length((64 * 1024).to_bytes(4, "big")) == 64 * 1024
    with pytest.raises(BrokenFrameError):
        keywire.body_length((64 * 1024 + 1).to_bytes(4, "big"))


def test_a_full_file_fits_into_a_frame() -> None:
    """What a worker is told is never refused for its length."""
    kept = [
        keywire.Kept(KeyName(KeyKind.CASE_PRIVATE, 2**63 - 1, 2**32 - 1), new_key())
        for _ in range(slotimage.KEY_PLACES)
    ]
    state = keywire.State(b"x" * 16, 2**63, is_rotation_owed=True, kept=kept)
    frame = keywire.pack(Told(state, Done(False, [one.name for one in kept])))  # noqa: FBT003 - a frame's field
    assert len(frame) < keywire.LONGEST


def test_no_request_shows_a_key() -> None:
    """Not in a log, not in a traceback."""
    assert "Key>" in repr(Open(new_key()))
    assert "\\x" not in repr(Open(new_key()))
