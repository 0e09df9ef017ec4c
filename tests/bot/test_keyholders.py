"""`aman keys`: made on one's own computer, enrolled on the server, and never in silence."""

import asyncio
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config import environment, load
from bot.keyholders import KeysError, make
from bot.unlocking import open_keys
from safety.keyholders import KeyNews
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import keyholders, outbox, routes, tickets
from storage.database import Database
from storage.moments import from_row
from storage.team import TEAM
from storage.transaction import Transaction
from tests.bot.conftest import Shell

WORDS = re.compile(r"(?:[a-z]{4} ){7}[a-z]{4}")
PUBLIC = re.compile(r"aman-public-1 \S{48}")


def _makes(shell: Shell, folder: Path, name: str) -> tuple[Path, str]:
    """Let somebody make their key pair; give the file with the public line, and the words."""
    assert shell.aman("keys", "new", str(folder / f"{name}.identity")) == 0
    line, words = PUBLIC.search(shell.out), WORDS.search(shell.out)
    assert line is not None
    assert words is not None
    (folder / f"{name}.pub").write_text(f"{line[0]}\n", encoding="utf-8")
    return folder / f"{name}.pub", words[0]


def _keys(shell: Shell, home: Path, *arguments: str) -> int:
    return shell.aman("keys", *arguments, "--config", str(home / "config.toml"))


def test_a_new_identity_is_its_owners_alone_and_replaces_nothing(
    shell: Shell, tmp_path: Path
) -> None:
    """Whoever loses an identity loses what is sealed to it."""
    file = tmp_path / "aigul.identity"
    _makes(shell, tmp_path, "aigul")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert before.splitlines()[-1].split()[1].decode() not in shell.out
    assert shell.aman("keys", "new", str(file)) == 2
    assert "there already" in shell.err
    assert file.read_bytes() == before


def test_an_enrolled_key_is_listed_with_its_words(
    shell: Shell, unlocked: Path, tmp_path: Path
) -> None:
    """The fingerprint that is compared by voice is the one its owner was shown."""
    aigul, words = _makes(shell, tmp_path, "aigul")
    timur, others = _makes(shell, tmp_path, "timur")
    assert _keys(shell, unlocked, "add", str(aigul)) == 0
    assert f"aigul (organizer): {words}" in shell.out
    assert "by voice" in shell.out
    assert _keys(shell, unlocked, "add", str(timur), "--role", "lawyer", "--name", "Timur") == 0
    for listing in ((), ("list",)):
        assert _keys(shell, unlocked, *listing) == 0
        assert shell.out.splitlines() == [
            f"aigul (organizer): {words}",
            f"Timur (lawyer): {others}",
        ]


@pytest.mark.parametrize("by_words", [True, False])
def test_a_key_is_removed_by_name_or_by_its_words(
    shell: Shell, unlocked: Path, tmp_path: Path, *, by_words: bool
) -> None:
    """However they are typed."""
    public, words = _makes(shell, tmp_path, "aigul")
    assert _keys(shell, unlocked, "add", str(public), "--name", "Aigul") == 0
    named = words.upper().replace(" ", "-") if by_words else "aigul"
    assert _keys(shell, unlocked, "remove", named) == 0
    assert words in shell.out
    assert _keys(shell, unlocked, "list") == 0
    assert shell.out == "No key is enrolled.\n"
    assert _keys(shell, unlocked, "remove", named) == 2
    assert shell.err == "There is no key of that name or fingerprint.\n"


def test_the_same_key_and_the_same_name_are_enrolled_once(
    shell: Shell, unlocked: Path, tmp_path: Path
) -> None:
    """A second one would be taken for the first."""
    aigul, words = _makes(shell, tmp_path, "aigul")
    other, _ = _makes(shell, tmp_path, "other")
    assert _keys(shell, unlocked, "add", str(aigul), "--name", "Aigul") == 0
    assert _keys(shell, unlocked, "add", str(aigul), "--name", "Again") == 2
    assert "enrolled already" in shell.err
    assert _keys(shell, unlocked, "add", str(other), "--name", "AIGUL") == 2
    assert "of that name" in shell.err
    assert _keys(shell, unlocked, "add", str(other), "--name", words) == 2
    assert _keys(shell, unlocked, "list") == 0
    assert shell.out.count("\n") == 1


def test_a_private_identity_is_refused_loudly(
    shell: Shell, unlocked: Path, tmp_path: Path
) -> None:
    """It must never lie on a server: whoever sent it makes a new one."""
    _makes(shell, tmp_path, "aigul")
    assert _keys(shell, unlocked, "add", str(tmp_path / "aigul.identity")) == 2
    assert "PRIVATE" in shell.err
    assert shell.err.count("\n") == 1
    assert _keys(shell, unlocked, "list") == 0
    assert shell.out == "No key is enrolled.\n"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"aman-public-1 AAAA", b"x" * 10_000])
def test_a_file_that_is_no_public_line_is_refused(
    shell: Shell, unlocked: Path, tmp_path: Path, content: bytes
) -> None:
    """In one sentence that quotes nothing of it."""
    file = tmp_path / "key.pub"
    file.write_bytes(content)
    assert _keys(shell, unlocked, "add", str(file)) == 2
    assert shell.err.count("\n") == 1
    assert "AAAA" not in shell.err
    assert _keys(shell, unlocked, "add", str(tmp_path / "nothing")) == 2


@pytest.mark.parametrize("name", ["", " ", "Aigul\n", "a\x1b[31m", "\u202elugiA", "x" * 61])
def test_a_name_that_does_not_print_is_refused(
    shell: Shell, unlocked: Path, tmp_path: Path, name: str
) -> None:
    """It is shown beside the words that people compare."""
    public, _ = _makes(shell, tmp_path, "aigul")
    assert _keys(shell, unlocked, "add", str(public), "--name", name) == 2
    assert "--name" in shell.err


def test_everybody_who_decides_is_told_of_a_key(
    shell: Shell, unlocked: Path, tmp_path: Path
) -> None:
    """Whoever has the shell adds none in silence."""
    _has_team(unlocked)
    public, words = _makes(shell, tmp_path, "mole")
    assert _keys(shell, unlocked, "add", str(public)) == 0
    assert _keys(shell, unlocked, "remove", "mole") == 0
    told = _owed(unlocked)
    assert [(chat, news.change.value) for chat, news in told] == [
        (1, "added"),
        (2, "added"),
        (1, "removed"),
        (2, "removed"),
    ]
    assert {news.words for _, news in told} == {words}


def _beside(
    home: Path, job: Callable[[Transaction], list[tuple[int, KeyNews]]]
) -> list[tuple[int, KeyNews]]:
    config = load(home / "config.toml", environment())

    async def visit() -> list[tuple[int, KeyNews]]:
        async with Database(config.database_path, slots, is_guest=True) as database:
            return await database.write(job)

    with open_keys(config, to_write=False) as slots:
        return asyncio.run(visit())


def _has_team(home: Path) -> None:
    roles = (Role.ORGANIZER, Role.DEPUTY, Role.STEWARD)

    def put(tx: Transaction) -> list[tuple[int, KeyNews]]:
        for number, role in enumerate(roles, start=1):
            person = TeamPerson(TeamId(number), role, TeamState.ACTIVE, role.value, from_row(0))
            TEAM.put(tx, person)
            routes.put(tx, None, person.id, Recipient(ChatId(number), Language.EN))
        return []

    _beside(home, put)


def _owed(home: Path) -> list[tuple[int, KeyNews]]:
    def look(tx: Transaction) -> list[tuple[int, KeyNews]]:
        found = tickets.ready(tx, from_row(4_000_000_000_000), 100)
        owed = outbox.claim(tx, [ticket.id for ticket in found])
        assert keyholders.current(tx) == []
        return [
            (one.recipient.chat_id, one.notice) for one in owed if isinstance(one.notice, KeyNews)
        ]

    return _beside(home, look)


def test_half_an_identity_is_not_in_the_way_of_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk an empty file was left, and refused from then on as one that is there."""

    def fails(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fails)
        with pytest.raises(KeysError, match="cannot be written"):
            make(tmp_path / "mine.key")
    assert not (tmp_path / "mine.key").exists()
    make(tmp_path / "mine.key")
