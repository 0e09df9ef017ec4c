"""Keys are kept while they are wanted, opened by their secrets only, and destroyed for good."""

import gc
import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.vault import keyslots, sealing, slotfile, slotimage, slotseals, words
from storage.vault.derivation import DEFAULT, FLOOR, Parameters
from storage.vault.errors import (
    BrokenKeySlotsError,
    BusyKeySlotsError,
    ExposedKeySlotsError,
    ForeignKeySlotsError,
    FullKeySlotsError,
    KeyNameTakenError,
    LastSecretError,
    LockedKeyError,
    MissingKeyError,
    NewerKeySlotsError,
    SecretNameError,
    VaultError,
    WeakParametersError,
    WrongSecretError,
)
from storage.vault.keys import (
    COMMUNITY_WIDE,
    Key,
    KeyKind,
    KeyName,
    keys_of_new_event,
    new_key,
    public_half,
)
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret

BANK = slotimage.BANK_BYTES


class Vault:
    """A key slot file with its first unlock secret, opened and closed as a test needs it."""

    def __init__(self, path: Path) -> None:
        """Create the file with the cheapest derivation that is allowed."""
        self.path = path
        self.slots, self.secret = keyslots.create(path, FLOOR)

    def reopen(self, secret: UnlockSecret | None = None) -> KeySlots:
        """Close it, as a restart does, and unlock it again."""
        self.slots.close()
        self.slots = keyslots.unlock(self.path, secret or self.secret)
        return self.slots


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Give a fresh vault."""
    fresh = Vault(tmp_path / "keys")
    yield fresh
    fresh.slots.close()


def test_a_new_file_has_the_communitys_keys_and_no_other(vault: Vault) -> None:
    """Exactly the keys of the design's table."""
    assert vault.slots.names == {KeyName(kind) for kind in COMMUNITY_WIDE}
    assert len(set(vault.slots.keys.values())) == len(COMMUNITY_WIDE)


def test_keys_come_back_after_a_restart(vault: Vault) -> None:
    """What was stored before is the same afterwards."""
    vault.slots.store(keys_of_new_event(7))
    before = dict(vault.slots.keys)
    assert dict(vault.reopen().keys) == before
    assert vault.slots.key(KeyKind.PEOPLE, 7) == before[KeyName(KeyKind.PEOPLE, 7)]


def test_a_destroyed_key_never_comes_back_and_the_others_stay(vault: Vault) -> None:
    """Destroying one event's people key takes nothing else along."""
    vault.slots.store(keys_of_new_event(7))
    people = KeyName(KeyKind.PEOPLE, 7)
    rest = {name: key for name, key in vault.slots.keys.items() if name != people}
    receipt = vault.slots.destroy([people])
    assert receipt.destroyed == {people}
    assert not receipt.rotation_owed
    assert dict(vault.slots.keys) == rest
    assert dict(vault.reopen().keys) == rest
    with pytest.raises(MissingKeyError):
        vault.slots.key(KeyKind.PEOPLE, 7)


def test_destroying_leaves_no_sealed_byte_of_before_in_the_file(vault: Vault) -> None:
    """Neither the sealed key nor the sealed epoch of before stands in either bank."""
    vault.slots.store(keys_of_new_event(7))
    before = slotimage.decode(vault.path.read_bytes()[:BANK])
    vault.slots.destroy([KeyName(KeyKind.PEOPLE, 7)])
    after = vault.path.read_bytes()
    assert len(after) == 2 * BANK
    assert after[:BANK] == after[BANK:]
    for sealed in (before.sealed_epoch, before.epoch_public.reveal(), *before.entries):
        assert sealed not in after


def test_destroying_again_changes_nothing_for_the_worse(vault: Vault) -> None:
    """A purge can be repeated after a crash."""
    name = KeyName(KeyKind.PEOPLE, 7)
    vault.slots.add([name])
    assert vault.slots.destroy([name]).destroyed == {name}
    assert vault.slots.destroy([name]).destroyed == frozenset()


def test_a_locked_vault_forgets_what_reads_and_keeps_what_alarms_need(vault: Vault) -> None:
    """Routing, transit and adding to the case go on; people and the private half do not."""
    vault.slots.store(keys_of_new_event(7))
    vault.slots.lock()
    assert vault.slots.is_locked
    for kind in (KeyKind.PEOPLE, KeyKind.CASE_PRIVATE):
        with pytest.raises(LockedKeyError):
            vault.slots.key(kind, 7)
    open_kinds = {name.kind for name in vault.slots.keys}
    assert open_kinds == {*COMMUNITY_WIDE, KeyKind.ROUTING, KeyKind.CASE_PUBLIC}


def test_neither_root_nor_epoch_key_stays_in_memory(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can look there would open with it what is locked, and what comes later."""
    # The tests remember what this gives, and for which root: so that each is opened once.
    monkeypatch.setattr(slotseals, "open_entries", inspect.unwrap(slotseals.open_entries))

    def is_found() -> bool:
        image = slotimage.decode(vault.path.read_bytes()[:BANK])
        gc.collect()
        found = {public_half(one) for one in gc.get_objects() if isinstance(one, Key)}
        return not found.isdisjoint({image.root_public, image.epoch_public})

    assert not is_found()
    vault.reopen().store(keys_of_new_event(7))
    assert not is_found()
    vault.slots.destroy([KeyName(KeyKind.PEOPLE, 7)])
    vault.slots.lock()
    vault.slots.open_again(vault.secret)
    vault.slots.add_secret("second", FLOOR)
    assert not is_found()
    root = keyslots.find_root(vault.path, vault.secret)
    assert is_found()
    del root


def test_while_locked_keys_can_be_added_and_replaced(vault: Vault) -> None:
    """The daily transit key needs no secret."""
    vault.slots.store(keys_of_new_event(7))
    vault.slots.lock()
    fresh = new_key()
    vault.slots.store({KeyName(KeyKind.TRANSIT, version=2): fresh})
    vault.slots.destroy([KeyName(KeyKind.TRANSIT)])
    names = vault.reopen().names
    assert KeyName(KeyKind.TRANSIT) not in names
    assert vault.slots.key(KeyKind.TRANSIT, version=2) == fresh
    assert KeyName(KeyKind.PEOPLE, 7) in vault.slots.keys


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_purge_while_locked_overwrites_at_once_and_owes_the_new_epoch(
    vault: Vault, *, is_restarted: bool
) -> None:
    """The receipt says so; the next unlock pays it, after a restart as well."""
    vault.slots.store(keys_of_new_event(7))
    vault.slots.store(keys_of_new_event(8))
    before = slotimage.decode(vault.path.read_bytes()[:BANK])
    vault.slots.lock()
    assert vault.slots.destroy([KeyName(KeyKind.PEOPLE, 7)]).rotation_owed
    during = slotimage.decode(vault.path.read_bytes()[BANK:])
    assert sum(old != new for old, new in zip(before.entries, during.entries, strict=True)) == 1
    if is_restarted:
        vault.reopen()
    else:
        vault.slots.open_again(vault.secret)
    assert not vault.slots.is_rotation_owed
    assert not vault.slots.is_locked
    after = slotimage.decode(vault.path.read_bytes()[:BANK])
    assert not set(before.entries) & set(after.entries)
    assert KeyName(KeyKind.PEOPLE, 7) not in vault.slots.names
    assert KeyName(KeyKind.PEOPLE, 8) in vault.slots.keys


def test_a_wrong_secret_opens_nothing(vault: Vault) -> None:
    """Well-formed words of another vault are refused."""
    with pytest.raises(WrongSecretError):
        vault.reopen(words.new_secret())


def test_either_of_two_secrets_opens_and_one_can_be_revoked(vault: Vault) -> None:
    """Two people hold two secrets; an arrested person's is made worthless."""
    second = vault.slots.add_secret("second", FLOOR)
    keys = dict(vault.slots.keys)
    assert dict(vault.reopen(second).keys) == keys
    assert dict(vault.reopen(vault.secret).keys) == keys
    vault.slots.revoke_secret(keyslots.FIRST)
    assert vault.slots.secrets() == ("second",)
    assert dict(vault.reopen(second).keys) == keys
    with pytest.raises(WrongSecretError):
        vault.reopen(vault.secret)


def test_a_revoked_secret_does_not_open_what_is_written_later_even_with_an_old_file(
    vault: Vault,
) -> None:
    """Revoking makes a new root: an old copy of the file gives only what it held then."""
    second = vault.slots.add_secret("second", FLOOR)
    old = vault.path.read_bytes()
    vault.slots.revoke_secret(keyslots.FIRST)
    new = vault.path.read_bytes()
    root = slotimage.decode(new[:BANK]).root_public
    assert root != slotimage.decode(old[:BANK]).root_public
    assert dict(vault.reopen(second).keys)


def test_the_last_secret_stays_and_names_are_told_apart(vault: Vault) -> None:
    """Nobody locks the team out by a slip."""
    with pytest.raises(LastSecretError):
        vault.slots.revoke_secret(keyslots.FIRST)
    with pytest.raises(MissingKeyError):
        vault.slots.revoke_secret("nobody")
    with pytest.raises(KeyNameTakenError):
        vault.slots.add_secret(keyslots.FIRST, FLOOR)
    with pytest.raises(SecretNameError, match="32 bytes"):
        vault.slots.add_secret("x" * 33, FLOOR)


def test_secrets_change_only_while_unlocked(vault: Vault) -> None:
    """A locked vault cannot be opened by adding a secret to it."""
    vault.slots.store(keys_of_new_event(7))
    vault.slots.lock()
    with pytest.raises(LockedKeyError):
        vault.slots.add_secret("second", FLOOR)


def test_a_root_key_found_elsewhere_opens_what_is_locked(vault: Vault) -> None:
    """A command derives for itself, beside whoever holds the file, and hands over the root."""
    vault.slots.store(keys_of_new_event(7))
    keys = dict(vault.slots.keys)
    vault.slots.lock()
    root = keyslots.find_root(vault.path, vault.secret)
    vault.slots.open_with(root)
    assert dict(vault.slots.keys) == keys
    vault.slots.close()
    vault.slots = keyslots.unlock_with(vault.path, root)
    assert dict(vault.slots.keys) == keys


def test_a_root_key_opens_nothing_once_a_secret_was_added_or_revoked(vault: Vault) -> None:
    """Whoever kept a root key has to have an unlock secret that still holds."""
    old = keyslots.find_root(vault.path, vault.secret)
    vault.slots.add_secret("second", FLOOR)
    vault.slots.store(keys_of_new_event(7))
    vault.slots.lock()
    with pytest.raises(WrongSecretError):
        vault.slots.open_with(old)
    assert vault.slots.is_locked
    vault.slots.close()
    with pytest.raises(WrongSecretError):
        keyslots.unlock_with(vault.path, old)


@pytest.mark.parametrize("name", ["", "x" * 33, "ы" * 17, "two\nlines", "\0", "\ud800"])
def test_a_name_that_cannot_be_kept_or_shown_is_refused(vault: Vault, name: str) -> None:
    """It stands in a list that somebody reads on a terminal."""
    with pytest.raises(SecretNameError):
        vault.slots.add_secret(name, FLOOR)
    assert vault.slots.secrets() == (keyslots.FIRST,)


def test_names_of_secrets_and_keys_do_not_stand_in_the_file(vault: Vault) -> None:
    """A seized file tells neither who holds a secret nor how many events there are."""
    vault.slots.add_secret("Aigul", FLOOR)
    empty = vault.path.stat().st_size
    vault.slots.store(keys_of_new_event(0x0123456789ABCD))
    content = vault.path.read_bytes()
    assert len(content) == empty
    assert b"Aigul" not in content
    assert bytes.fromhex("0123456789abcd") not in content
    assert all(key.reveal() not in content for key in vault.slots.keys.values())


def test_thirty_two_events_fit_and_a_full_file_says_so(vault: Vault) -> None:
    """Full is refused whole: not one key of the new event is kept."""
    for event_id in range(1, 33):
        vault.slots.store(keys_of_new_event(event_id))
    for event_id in range(33, 39):  # the room for replacements
        vault.slots.store(keys_of_new_event(event_id))
    vault.slots.add([KeyName(KeyKind.TRANSIT, version=2)])
    with pytest.raises(FullKeySlotsError):
        vault.slots.store(keys_of_new_event(39))
    names = vault.slots.names
    assert 39 not in {name.event_id for name in names}
    assert vault.reopen().names == names


def test_a_kept_key_is_never_replaced_in_silence(vault: Vault) -> None:
    """A second key of the same name would make rows unreadable."""
    with pytest.raises(KeyNameTakenError):
        vault.slots.add([KeyName(KeyKind.COMMUNITY)])


def test_a_cheap_or_absurd_derivation_is_refused(tmp_path: Path) -> None:
    """There is a floor, and a ceiling against a hostile file."""
    for parameters in (
        Parameters(FLOOR.memory_kib - 1, FLOOR.iterations, FLOOR.lanes),
        Parameters(FLOOR.memory_kib, FLOOR.iterations - 1, FLOOR.lanes),
        Parameters(2**31, 3, 4),
    ):
        with pytest.raises(WeakParametersError):
            keyslots.create(tmp_path / "keys", parameters)
    assert not (tmp_path / "keys").exists()


def test_a_secret_that_is_cheap_to_guess_is_not_let_in(vault: Vault) -> None:
    """Nor one that was derived elsewhere."""
    _, named = vault.slots.new_secret("second", FLOOR)
    cheap = replace(named, parameters=replace(FLOOR, memory_kib=FLOOR.memory_kib - 1))
    with pytest.raises(WeakParametersError):
        vault.slots.admit(cheap)
    assert vault.slots.secrets() == ("first",)


def test_an_existing_file_is_never_made_anew(vault: Vault) -> None:
    """`create` twice would destroy everything."""
    before = vault.path.read_bytes()
    with pytest.raises(FileExistsError):
        keyslots.create(vault.path, FLOOR)
    assert vault.path.read_bytes() == before


def test_a_file_that_others_can_read_is_refused(vault: Vault) -> None:
    """Unsafe permissions: no start."""
    assert vault.path.stat().st_mode & 0o777 == 0o600
    vault.path.chmod(0o640)
    with pytest.raises(ExposedKeySlotsError):
        vault.reopen()


def test_a_link_to_the_file_is_refused(vault: Vault, tmp_path: Path) -> None:
    """Whoever may change the link would decide which file is written."""
    link = tmp_path / "link"
    link.symlink_to(vault.path)
    with pytest.raises(ForeignKeySlotsError, match="link"):
        keyslots.unlock(link, vault.secret, to_write=False)


def test_a_new_file_is_there_after_a_power_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under its name: a person has the words that open it, and is shown them this once."""
    flushed: list[bytes] = []

    def flush(directory: Path) -> None:
        assert directory == tmp_path
        flushed.append((tmp_path / "keys").read_bytes())

    monkeypatch.setattr(slotfile, "flush_directory", flush)
    slots, _ = keyslots.create(tmp_path / "keys", FLOOR)
    slots.close()
    assert flushed == [(tmp_path / "keys").read_bytes()]


def test_only_one_process_writes_but_another_may_read(vault: Vault) -> None:
    """Two writers would overwrite each other's keys."""
    with pytest.raises(BusyKeySlotsError):
        keyslots.unlock(vault.path, vault.secret)
    before = vault.path.read_bytes()
    with keyslots.unlock(vault.path, vault.secret, to_write=False) as reading:
        assert dict(reading.keys) == dict(vault.slots.keys)
        with pytest.raises(OSError, match="Bad file descriptor"):
            reading.add([KeyName(KeyKind.PEOPLE, 1)])
    assert vault.path.read_bytes() == before


def _truncated(content: bytes, _other: bytes) -> bytes:
    return content[: BANK - 1]


def _emptied(_content: bytes, _other: bytes) -> bytes:
    return slotimage.MAGIC


def _mixed(content: bytes, other: bytes) -> bytes:
    return content[:BANK] + other[BANK:]


def _flipped_in_both(content: bytes, _other: bytes) -> bytes:
    flipped = bytearray(content)
    for at in (100, BANK + 100):
        flipped[at] ^= 1
    return bytes(flipped)


def _composed(content: bytes, _other: bytes) -> bytes:
    """Put back an older key, and repair the checksum: only the seal shows it."""
    body = bytearray(content[: BANK - 32])
    body[3000] ^= 1
    bank = bytes(body) + hashlib.sha256(body).digest()
    return bank + bank


@pytest.mark.parametrize("damage", [_truncated, _emptied, _mixed, _flipped_in_both, _composed])
def test_a_damaged_altered_or_mixed_file_is_refused(
    vault: Vault, tmp_path: Path, damage: Callable[[bytes, bytes], bytes]
) -> None:
    """One sentence, and no guess."""
    other = Vault(tmp_path / "other")
    other.slots.add([KeyName(KeyKind.PEOPLE, 1)])  # its banks are newer ones
    other.slots.close()
    vault.path.write_bytes(damage(vault.path.read_bytes(), other.path.read_bytes()))
    with pytest.raises(BrokenKeySlotsError) as refused:
        vault.reopen()
    assert "\n" not in str(refused.value)


def test_banks_of_two_futures_of_one_file_are_refused(vault: Vault) -> None:
    """What is destroyed in one of them may be kept in the other: neither is believed."""
    before, futures = vault.path.read_bytes(), []
    for event in (7, 8):
        vault.slots.close()
        vault.path.write_bytes(before)
        vault.reopen().add([KeyName(KeyKind.PEOPLE, event)])
        futures.append(vault.path.read_bytes())
    vault.path.write_bytes(futures[0][:BANK] + futures[1][BANK:])
    with pytest.raises(BrokenKeySlotsError, match="contradict"):
        vault.reopen()


def test_no_sealed_piece_fits_another_place_or_another_file(vault: Vault) -> None:
    """Not even for whoever could seal a bank, and has an old copy to take pieces from."""
    image = slotimage.decode(vault.path.read_bytes()[:BANK])
    root = keyslots.find_root(vault.path, vault.secret)
    assert len(slotseals.open_entries(image, root)) == len(COMMUNITY_WIDE)
    assert not slotseals.open_entries(replace(image, entries=image.entries[::-1]), root)
    elsewhere = replace(image, file_id=bytes(16))
    for open_piece in (
        lambda: slotseals.root_of(elsewhere, vault.secret),
        lambda: slotseals.open_entries(elsewhere, root),
    ):
        with pytest.raises(BrokenKeySlotsError):
            open_piece()
    epoch = sealing.unwrap(root, image.sealed_epoch, b"key slots epoch\0" + image.file_id)
    again = replace(elsewhere, sealed_epoch=slotseals.seal_epoch(elsewhere, Key(epoch)))
    assert not slotseals.open_entries(again, root)


def test_a_foreign_file_is_refused(vault: Vault) -> None:
    """Another file under the name is told apart from a damaged one."""
    vault.path.write_bytes(b"hello" * 10_000)
    with pytest.raises(ForeignKeySlotsError):
        vault.reopen()


def test_a_newer_programs_file_is_refused(vault: Vault) -> None:
    """An older program does not overwrite what it does not understand."""
    body = bytearray(vault.path.read_bytes()[: BANK - 32])
    body[len(slotimage.MAGIC) + 1] = slotimage.FORMAT + 1
    bank = bytes(body) + hashlib.sha256(body).digest()
    vault.path.write_bytes(bank + bank)
    with pytest.raises(NewerKeySlotsError):
        vault.reopen()


def test_one_damaged_bank_is_mended_from_the_other(vault: Vault) -> None:
    """A bad sector takes nothing along."""
    keys = dict(vault.slots.keys)
    for start in (0, BANK):
        content = bytearray(vault.path.read_bytes())
        content[start + 500] ^= 1
        vault.path.write_bytes(content)
        assert dict(vault.reopen().keys) == keys
        mended = vault.path.read_bytes()
        assert mended[:BANK] == mended[BANK:]


def test_the_generation_only_grows(vault: Vault) -> None:
    """An old copy of the file is told by its number."""
    seen = [vault.slots.generation]
    vault.slots.add([KeyName(KeyKind.PEOPLE, 1)])
    seen.append(vault.slots.generation)
    vault.slots.destroy([KeyName(KeyKind.PEOPLE, 1)])
    seen.append(vault.slots.generation)
    assert seen == sorted(set(seen))
    assert vault.reopen().generation == seen[-1]


def test_every_refusal_is_a_vault_error_with_a_text_of_its_own() -> None:
    """Whoever shows a refusal finds its words by its key."""
    refusals: list[type[VaultError]] = [VaultError, *VaultError.__subclasses__()]
    assert len({refusal.text_key for refusal in refusals}) == len(refusals)


def test_the_default_derivation_is_the_designs() -> None:
    """256 MiB, three passes, four lanes; nothing below 19 MiB and two passes is taken."""
    assert Parameters(262_144, 3, 4) == DEFAULT
    assert Parameters(19_456, 2, 1) == FLOOR


def test_a_closed_vault_holds_no_key(vault: Vault) -> None:
    """Closing forgets."""
    vault.slots.close()
    assert dict(vault.slots.keys) == {}
    vault.slots = keyslots.unlock(vault.path, vault.secret)
    assert isinstance(vault.slots.key(KeyKind.TRANSIT), Key)
    assert slotfile.FILE_BYTES == 2 * BANK
