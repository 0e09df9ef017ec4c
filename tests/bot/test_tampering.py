"""What somebody may have done to the disk is found, and refused in one sentence.

Everything is done to the files of a closed bot; where a row is altered, with the database's key,
which does not open the rows. What nothing finds stands in `storage/soundness.py`.
"""

import asyncio
import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from bot import cli
from bot.doctor import examine, read_checkpoint
from bot.setup import set_up
from safety.incidents import IncidentKind
from safety.people import EventId, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import connections, incidents, proofs, resealing, retention, soundness
from storage.database import Database
from storage.held import HeldKeys
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import Connection, Transaction
from storage.vault import derivation, keys, keyslots, slotimage, words
from storage.vault.keys import Key, KeyKind
from tests.bot.conftest import TOKEN
from tests.made import put_with_chat, somebody
from tests.storage.versions import connect

T = TypeVar("T")
Rows = dict[str, list[tuple[object, ...]]]
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
ONE, OTHER = EventId(7), EventId(8)
BANK = slotimage.BANK_BYTES
OPENED = (1, "The bot does not run.\n")  # by `aman status`: it has read the rows


@dataclass(frozen=True, slots=True)
class House:
    """An installation: its folder, and the words that open it."""

    folder: Path
    words: str

    @property
    def keys(self) -> Path:
        """Name the key slot file."""
        return self.folder / "data" / "keys"

    @property
    def database(self) -> Path:
        """Name the database."""
        return self.folder / "data" / "aman.db"

    def change(self, work: Callable[[Transaction], T]) -> T:
        """Change what is stored, as the bot would; and carry out what that owes."""

        async def run() -> T:
            with keyslots.unlock(self.keys, words.parse(self.words)) as slots:
                async with Database(self.database, slots) as database:
                    result = await database.write(work)
                    while await database.write(resealing.step):
                        pass
                    return result

        return asyncio.run(run())

    @property
    def surroundings(self) -> dict[str, str]:
        """Give the environment that its commands are run in."""
        return {
            "AMAN_TELEGRAM_TOKEN": TOKEN,
            "AMAN_TELEGRAM_API_URL": "http://127.0.0.1:9",  # nobody is there
            "AMAN_VAULT_UNLOCK": "env",
            "AMAN_VAULT_SECRET": self.words,
        }

    def aman(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Carry out one real command line."""
        return subprocess.run(  # noqa: S603 - our own program
            [
                sys.executable,
                "-m",
                "bot",
                *arguments,
                "--config",
                str(self.folder / "config.toml"),
            ],
            cwd=ROOT,
            env={"PATH": os.defpath, **self.surroundings},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,  # seconds
        )

    def doctor_says(self, words: str, checkpoint: str | None = None) -> bool:
        """Say whether the doctor finds this to be bad."""
        path = self.folder / "config.toml"
        findings = asyncio.run(examine(path, self.surroundings, checkpoint))
        return any(words in finding.words for finding in findings if not finding.is_good)

    def is_bad(self) -> bool:
        """Say whether the doctor finds rows, log or file to be bad."""
        path = self.folder / "config.toml"
        findings = asyncio.run(examine(path, self.surroundings, None))
        bad = [finding.words for finding in findings if not finding.is_good]
        return any(part in words for words in bad for part in (ROWS, LOG, "it is damaged"))

    def rows(self) -> Rows:
        """Read every row of every table as it lies there."""
        with keyslots.unlock(self.keys, words.parse(self.words)) as slots:
            connection = connect(self.database, slots)
            try:
                tables = cast("list[tuple[str]]", connection.execute(TABLES).fetchall())
                return {name: _all_of(connection, name) for (name,) in tables}
            finally:
                connection.close()


def _record(tx: Transaction, text: str) -> None:
    incident = incidents.of_subject(tx, ONE, 5)
    if incident is None:
        incident = incidents.open_new(tx, NOW, ONE, IncidentKind.REPORT, 5)
    incidents.add_text(tx, NOW, incident, text)


def _fill(tx: Transaction) -> None:
    for event, number in ((ONE, 21), (ONE, 22), (OTHER, 23)):
        if not tx.has_key(KeyKind.PEOPLE, event):
            tx.create_event_keys(event)
        put_with_chat(tx, somebody(event, number, NOW))
    for number in range(3):
        _record(tx, f'{{"what": "they came, {number}"}}')


def make(folder: Path) -> House:
    """Set up an installation with two events, three people and a case."""
    made = set_up(folder, {}, derivation.FLOOR)
    house = House(folder, made.words)
    house.change(_fill)
    return house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Give an installation."""
    return make(tmp_path / "house")


@pytest.fixture
def other(tmp_path: Path) -> House:
    """Give another installation."""
    return make(tmp_path / "other")


# ------------------------------------------------------------------ the key slot file


def _cut(house: House, _other: House) -> None:
    os.truncate(house.keys, BANK // 2)


def _flip(house: House, _other: House) -> None:
    content = bytearray(house.keys.read_bytes())
    for at in (900, BANK + 900):
        content[at] ^= 1
    house.keys.write_bytes(content)


def _mix(house: House, other: House) -> None:
    house.keys.write_bytes(house.keys.read_bytes()[:BANK] + other.keys.read_bytes()[BANK:])


def _compose(house: House, _other: House) -> None:
    """Alter both banks, each with the checksum that belongs to it."""
    content = bytearray(house.keys.read_bytes())
    for start in (0, BANK):
        content[start + 900] ^= 1
        checked = start + BANK - slotimage.DIGEST_BYTES
        content[checked : start + BANK] = hashlib.sha256(content[start:checked]).digest()
    house.keys.write_bytes(content)


def _take_the_others(house: House, other: House) -> None:
    shutil.copy(other.keys, house.keys)


def _set_back(house: House, _other: House) -> None:
    old = house.keys.read_bytes()
    house.change(lambda tx: tx.create_event_keys(EventId(9)))
    house.keys.write_bytes(old)


def _bind_to_another(house: House, _other: House) -> None:
    house.change(lambda tx: tx.run("UPDATE slot_file SET file_id = randomblob(16)"))


# ------------------------------------------------------------------ the database


def _take_the_others_database(house: House, other: House) -> None:
    shutil.copy(other.database, house.database)


def _flip_in_the_first_page(house: House, _other: House) -> None:
    _flip_byte(house.database, 1024)


def _set_back_before_a_purge(house: House, _other: House) -> None:
    old = house.database.read_bytes()
    house.change(lambda tx: retention.forget_event(tx, OTHER))
    house.database.write_bytes(old)


def _set_back_before_the_days_transit_key(house: House, _other: House) -> None:
    old = house.database.read_bytes()
    house.change(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
    house.database.write_bytes(old)


def _flip_byte(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


MIXTURES = pytest.mark.parametrize(
    ("tamper", "code", "words"),
    [
        (_cut, 2, "damaged or cut short"),
        (_flip, 2, "damaged or cut short"),
        (_mix, 2, "come from different key slot files"),
        (_compose, 2, "altered by someone else"),
        (_take_the_others, 3, "opens nothing here"),
        (_set_back, 2, "the key slot file is older than the database has seen"),
        (_bind_to_another, 2, "the key slot file belongs to another database"),
        (_take_the_others_database, 2, "cannot be opened with these keys"),
        (_flip_in_the_first_page, 2, "cannot be opened with these keys"),
        (_set_back_before_a_purge, 2, "the database is an older copy"),
        (_set_back_before_the_days_transit_key, 2, "the database is an older copy"),
    ],
)


@MIXTURES
def test_files_that_do_not_belong_together_are_refused(  # noqa: PLR0913, PLR0917 - a table of cases
    house: House,
    other: House,
    tamper: Callable[[House, House], None],
    code: int,
    words: str,
    shell: Callable[[House, str], tuple[int, str]],
) -> None:
    """One sentence, the right code, and nothing is changed."""
    assert shell(house, "status") == OPENED
    tamper(house, other)
    before = house.keys.read_bytes(), house.database.read_bytes()
    found, said = shell(house, "status")
    assert (found, said.count("\n")) == (code, 1)
    assert words in said
    assert (house.keys.read_bytes(), house.database.read_bytes()) == before


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> Callable[[House, str], tuple[int, str]]:
    """Run `aman` in this process; give its code, and what it says on standard error."""
    del log

    def run(house: House, verb: str) -> tuple[int, str]:
        for name, value in house.surroundings.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = cli.main((verb, "--config", str(house.folder / "config.toml")))
        return code, capsys.readouterr().err

    return run


@pytest.mark.torture
@pytest.mark.in_parts
@MIXTURES
def test_the_bot_starts_on_no_files_that_do_not_belong_together(
    house: House, other: House, tamper: Callable[[House, House], None], code: int, words: str
) -> None:
    """The real command line, in a process of its own."""
    tamper(house, other)
    before = house.keys.read_bytes(), house.database.read_bytes()
    done = house.aman("run")
    assert done.returncode == code, done.stderr
    sentences = [line for line in done.stderr.splitlines() if " CORE sql" not in line]
    assert len(sentences) == 1, done.stderr
    assert words in sentences[0]
    assert (house.keys.read_bytes(), house.database.read_bytes()) == before


def test_the_key_slot_file_of_another_installation_opens_nothing_with_its_own_words_either(
    house: House, other: House
) -> None:
    """Whoever has both still cannot start one on the other's keys."""
    _take_the_others(house, other)
    done = House(house.folder, other.words).aman("run")
    assert done.returncode == 2
    assert "cannot be opened with these keys" in done.stderr


def test_what_is_restored_together_starts(
    house: House, shell: Callable[[House, str], tuple[int, str]]
) -> None:
    """An older copy of both is an older state, and not a mixture."""
    shutil.copytree(house.folder / "data", house.folder / "copy")
    house.change(lambda tx: retention.forget_event(tx, OTHER))
    shutil.rmtree(house.folder / "data")
    (house.folder / "copy").rename(house.folder / "data")
    assert shell(house, "status") == OPENED
    assert house.change(lambda tx: tx.has_key(KeyKind.PEOPLE, OTHER))


# ------------------------------------------------------------------ rows


def _swap_rows(tx: Transaction) -> None:
    one, two = tx.all(tuple[bytes], "SELECT sealed FROM people WHERE event_id = ?", ONE)
    tx.run("UPDATE people SET sealed = ? WHERE id = 21", two[0])
    tx.run("UPDATE people SET sealed = ? WHERE id = 22", one[0])


def _swap_columns(tx: Transaction) -> None:
    row = tx.one(tuple[bytes], "SELECT sealed FROM people WHERE id = 21")
    assert row is not None
    columns = "id, event_id, state, inviter_id, sealed"
    tx.run(f"INSERT INTO invitations ({columns}) VALUES (21, ?, 'x', 1, ?)", ONE, row[0])  # noqa: S608 - ours


def _slip_in_a_key(tx: Transaction) -> None:
    """Let a row that opens elsewhere stand where people's public keys do."""
    lawyer = TeamPerson(TeamId(31), Role.LAWYER, TeamState.ACTIVE, "Timur", NOW)
    TEAM.put(tx, lawyer)
    tx.run("INSERT INTO keyholders (id, role, sealed) SELECT id, role, sealed FROM team")


def _move_to_the_other_event(tx: Transaction) -> None:
    tx.run("UPDATE people SET event_id = ? WHERE id = 21", OTHER)


def _point_a_route_at_the_other_event(tx: Transaction) -> None:
    tx.run("UPDATE routes SET event_id = ? WHERE holder_id = 21", OTHER)


def _alter_an_entry(tx: Transaction) -> None:
    tx.run("UPDATE incident_entries SET sealed = zeroblob(100) WHERE id = 2")


def _point_an_entry_at_another_leaf(tx: Transaction) -> None:
    tx.run("UPDATE incident_entries SET leaf = 0 WHERE id = 2")


def _drop_an_entry(tx: Transaction) -> None:
    tx.run("DELETE FROM incident_entries WHERE id = 3")


def _drop_a_leaf(tx: Transaction) -> None:
    tx.run("DELETE FROM proof_leaves WHERE number = 2")


def _change_a_leaf(tx: Transaction) -> None:
    tx.run("UPDATE proof_leaves SET hash = zeroblob(32) WHERE number = 1")


def _drop_the_checkpoints(tx: Transaction) -> None:
    tx.run("DELETE FROM checkpoints")


BOOKKEEPING = {"sqlite_sequence"}  # of SQLite: says nothing of anybody
STORY = f'{{"what": "{"a long story " * 20}"}}'
STORIES = 12  # so many fill several pages: a table's first one does not hold them
PAGE = 4096  # bytes
ROOTS = "SELECT rootpage FROM sqlite_master"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
ROWS, LOG = "sealed row(s) do not open or are gone", "The proof log is not what was signed"


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_swap_rows, f"2 {ROWS}"),
        (_swap_columns, f"1 {ROWS}"),
        (_slip_in_a_key, f"1 {ROWS}"),
        (_move_to_the_other_event, f"1 {ROWS}"),
        (_point_a_route_at_the_other_event, f"1 {ROWS}"),
        (_alter_an_entry, f"1 {ROWS}"),
        (_point_an_entry_at_another_leaf, f"1 {ROWS}"),
        (_drop_an_entry, f"1 {ROWS}"),
        (_drop_a_leaf, LOG),
        (_change_a_leaf, LOG),
        (_drop_the_checkpoints, LOG),
    ],
)
def test_altered_rows_are_found(
    house: House, tamper: Callable[[Transaction], None], words: str
) -> None:
    """No blob opens elsewhere, and no entry is other than it was logged; see also the columns.

    What has neither is not found: `storage/soundness.py` says what that is.
    """
    assert not house.doctor_says(ROWS)
    assert not house.doctor_says(LOG)
    house.change(tamper)
    assert house.doctor_says(words)


def test_a_byte_that_was_changed_anywhere_is_found(house: House) -> None:
    """Every page is authenticated."""
    size = house.database.stat().st_size
    for at in (4096 + 7, size // 2, size - 9):
        _flip_byte(house.database, at)
        assert house.doctor_says("or it is damaged")
        _flip_byte(house.database, at)
    assert not house.doctor_says("damaged")


def _nobody_checks_the_log(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(soundness, "is_log_whole", lambda _: True)


def _entries_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    """Let the difference between those there are and those there should be count for nothing."""
    patch.setattr(incidents, "abs", lambda _: 0, raising=False)


def _entries_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(proofs, "is_leaf", lambda *_: True)


@dataclass(frozen=True, slots=True)
class SetBack:
    """What there was to set back, and what of it nobody noticed: names of tables."""

    changed: set[str]
    inner: int  # pages that are no table's and no index's first one
    unnoticed: set[str]


def set_back_each_page(house: House) -> SetBack:
    """Record something, and set back one page after the other.

    A page is judged by what it does, whatever it is in its tree: which tables read otherwise.
    """
    for _ in range(STORIES):
        house.change(lambda tx: _record(tx, STORY))
    old, before = house.database.read_bytes(), house.rows()
    house.change(lambda tx: _record(tx, STORY))
    new, after = house.database.read_bytes(), house.rows()
    pages = [
        at
        for at in range(0, min(len(old), len(new)), PAGE)
        if old[at : at + PAGE] != new[at : at + PAGE]
    ]
    unnoticed: set[str] = set()
    for at in pages:
        house.database.write_bytes(new[:at] + old[at : at + PAGE] + new[at + PAGE :])
        if not house.is_bad():
            unnoticed |= _differing(house.rows(), after) or {f"page {at // PAGE + 1}"}
    house.database.write_bytes(new)
    assert not house.is_bad()
    roots = house.change(lambda tx: tx.all(tuple[int], ROOTS))
    inner = {at // PAGE + 1 for at in pages} - {1} - {root for (root,) in roots}
    return SetBack(_differing(before, after), len(inner), unnoticed)


def _all_of(connection: Connection, table: str) -> list[tuple[object, ...]]:
    found = connection.execute(f"SELECT * FROM {table} NOT INDEXED")  # noqa: S608 - its own names
    return sorted(cast("list[tuple[object, ...]]", found.fetchall()), key=repr)


def _differing(some: Rows, others: Rows) -> set[str]:
    assert some.keys() == others.keys()
    return {table for table in some if some[table] != others[table]}


def test_no_recorded_thing_can_be_set_back_page_by_page(house: House) -> None:
    """Each page of before opens; what it held was recorded, so another page contradicts it."""
    found = set_back_each_page(house)
    assert found.changed >= {"incident_entries", "proof_leaves", "checkpoints"}
    assert found.inner > 0
    assert found.unnoticed <= BOOKKEEPING


@pytest.mark.parametrize(
    ("weaken", "unnoticed"),
    [
        (_nobody_checks_the_log, {"checkpoints", "proof_frontier"}),
        (_entries_are_not_counted, {"meta"}),
    ],
)
def test_without_its_protection_a_page_is_set_back_unnoticed(
    house: House,
    weaken: Callable[[pytest.MonkeyPatch], None],
    unnoticed: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that cannot fail promises nothing: the one above would, and names the tables."""
    weaken(monkeypatch)
    assert set_back_each_page(house).unnoticed - BOOKKEEPING == unnoticed


def test_a_whole_database_set_back_by_less_than_a_day_is_found_by_whoever_has_a_checkpoint(
    house: House,
) -> None:
    """The limit: without one, an older state of the same day looks like the present."""
    old = house.database.read_bytes()
    house.change(lambda tx: _record(tx, '{"what": "the last"}'))
    note = house.change(proofs.latest_note)
    assert note is not None
    kept = house.folder / "checkpoint.txt"
    kept.write_text(f"Keep these lines.\n\n{note}\nThis may come twice.\n", encoding="utf-8")
    words = "does not hold that checkpoint"
    assert not house.doctor_says(words, read_checkpoint(kept))
    house.database.write_bytes(old)
    assert not house.doctor_says(LOG)
    assert house.doctor_says(words, read_checkpoint(kept))
    done = house.aman("doctor", "--checkpoint", str(kept))
    assert done.returncode == 1
    assert f"BAD  The proof log {words}" in done.stdout
    done = house.aman("doctor", "--checkpoint", str(house.folder / "nowhere"))
    assert (done.returncode, done.stderr) == (2, "The checkpoint cannot be read.\n")


# ------------------------------------------------------------------ seen red


class _Unbound:
    """Seals without saying where: table, row and version count for nothing."""

    def __init__(self, key: Key) -> None:
        self._cipher = AESGCM(key.reveal())

    def encrypt(self, nonce: bytes, content: bytes, _place: bytes) -> bytes:
        """Seal it for any place."""
        return self._cipher.encrypt(nonce, content, None)

    def decrypt(self, nonce: bytes, content: bytes, _place: bytes) -> bytes:
        """Open it, wherever it stands."""
        return self._cipher.decrypt(nonce, content, None)


def _rows_are_unbound(patch: pytest.MonkeyPatch) -> None:
    def cipher(key: Key) -> _Unbound:
        return _Unbound(key)

    patch.setattr(Key, "cipher", cipher)


def _all_events_have_one_key(patch: pytest.MonkeyPatch) -> None:
    one = keys.new_key()
    patch.setattr(keys, "new_key", lambda: one)
    patch.setattr(
        type(PEOPLE), "_may_differ", lambda *_: True
    )  # whose event it is stands beside it


def _entries_are_not_opened(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incidents, "_is_sound", lambda *_: True)


@pytest.mark.parametrize(
    ("weaken", "tamper", "words"),
    [
        (_rows_are_unbound, _swap_rows, ROWS),
        (_rows_are_unbound, _swap_columns, ROWS),
        (_rows_are_unbound, _slip_in_a_key, ROWS),
        (_all_events_have_one_key, _move_to_the_other_event, ROWS),
        (_all_events_have_one_key, _point_a_route_at_the_other_event, ROWS),
        (_entries_are_not_opened, _alter_an_entry, ROWS),
        (_entries_are_not_counted, _drop_an_entry, ROWS),
        (_entries_are_not_compared, _point_an_entry_at_another_leaf, ROWS),
        (_nobody_checks_the_log, _drop_a_leaf, LOG),
        (_nobody_checks_the_log, _change_a_leaf, LOG),
        (_nobody_checks_the_log, _drop_the_checkpoints, LOG),
    ],
)
def test_without_its_protection_an_altered_row_is_not_found(
    tmp_path: Path,
    weaken: Callable[[pytest.MonkeyPatch], None],
    tamper: Callable[[Transaction], None],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that cannot fail promises nothing: here the one above would."""
    weaken(monkeypatch)
    house = make(tmp_path / "house")
    house.change(tamper)
    assert not house.doctor_says(words)


@pytest.mark.parametrize(
    "tamper",
    [_set_back, _bind_to_another, _set_back_before_a_purge, _set_back_before_the_days_transit_key],
)
def test_where_nothing_is_compared_files_of_two_moments_are_taken(
    house: House,
    other: House,
    tamper: Callable[[House, House], None],
    shell: Callable[[House, str], tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that cannot fail promises nothing: each is refused for what the database noted."""
    monkeypatch.setattr(HeldKeys, "require_ours", lambda *_: None)
    tamper(house, other)
    assert shell(house, "status") == OPENED


class _SameId(bytes):
    """An id of a key slot file that differs from no other."""

    @override
    def __ne__(self, _other: object) -> bool:
        return False

    __eq__ = bytes.__eq__
    __hash__ = bytes.__hash__


def _checksums_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(slotimage, "is_whole", lambda _: True)


def _seals_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(slotimage, "is_genuine", lambda *_: True)


def _neither_is_compared(patch: pytest.MonkeyPatch) -> None:
    _checksums_are_not_compared(patch)
    _seals_are_not_compared(patch)


def _ids_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    decode = slotimage.decode

    def same(bank: bytes) -> slotimage.Image:
        image = decode(bank)
        return replace(image, file_id=_SameId(image.file_id))

    patch.setattr(slotimage, "decode", same)


def _pages_are_not_authenticated(patch: pytest.MonkeyPatch) -> None:
    pragmas = (("cipher_use_hmac", "OFF", "0"), *connections.PRAGMAS)
    patch.setattr(connections, "PRAGMAS", pragmas)


def _all_databases_have_one_key(patch: pytest.MonkeyPatch) -> None:
    one = keys.new_key()
    patch.setattr(HeldKeys, "database_key", lambda _: one)


def _and_know_no_key_slot_file(patch: pytest.MonkeyPatch) -> None:
    _all_databases_have_one_key(patch)
    patch.setattr(HeldKeys, "require_ours", lambda *_: None)


@pytest.mark.parametrize(
    ("weaken", "tamper", "instead"),
    [
        (_checksums_are_not_compared, _cut, "Aman itself is at fault"),  # nothing is left to read
        (_checksums_are_not_compared, _flip, "altered by someone else"),  # so the seal says
        (_neither_is_compared, _flip, OPENED[1]),
        (_seals_are_not_compared, _compose, OPENED[1]),
        (_ids_are_not_compared, _mix, "the two banks contradict each other"),
        (_pages_are_not_authenticated, _flip_in_the_first_page, OPENED[1]),
        (_all_databases_have_one_key, _take_the_others_database, "belongs to another database"),
        (_and_know_no_key_slot_file, _take_the_others_database, OPENED[1]),
    ],
)
def test_without_its_protection_a_file_is_not_refused_for_what_is_wrong_with_it(  # noqa: PLR0913, PLR0917 - a table of cases
    tmp_path: Path,
    weaken: Callable[[pytest.MonkeyPatch], None],
    tamper: Callable[[House, House], None],
    instead: str,
    shell: Callable[[House, str], tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that cannot fail promises nothing: each is taken, or is met by the next check."""
    weaken(monkeypatch)
    house, other = make(tmp_path / "house"), make(tmp_path / "other")
    assert shell(house, "status") == OPENED
    tamper(house, other)
    _, said = shell(house, "status")
    assert instead in said
