"""Unlock secrets are added and revoked, locked and unlocked, with and without a running bot."""

from pathlib import Path

import pytest

from bot.clock import SystemClock
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from storage.vault.errors import WrongSecretError
from tests.bot.conftest import Shell
from tests.faults.program import START_WITHIN, Ended, program


def _shown(out: str) -> str:
    """Give the words that are shown once."""
    (line,) = [line for line in out.splitlines() if line.startswith("    ")]
    return line.strip()


def _opens(folder: Path, secret: str) -> bool:
    try:
        keyslots.unlock(folder / "keys", words.parse(secret), to_write=False).close()
    except WrongSecretError:
        return False
    return True


# ---------------------------------------------------------------- nothing runs


def test_a_second_secret_is_shown_once_and_the_first_can_go(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people hold two; whoever is arrested loses theirs."""
    config, data = str(unlocked / "config.toml"), unlocked / "data"
    monkeypatch.setenv("AMAN_VAULT_MEMORY_MEBIBYTES", "19")
    monkeypatch.setattr("builtins.input", lambda _question: "")
    assert shell.aman("rekey", "--config", config) == 0
    assert shell.out == "first\n"
    assert shell.aman("rekey", "--config", config, "--add", "абай") == 0
    second = _shown(shell.out)
    assert _opens(data, second)
    assert shell.aman("rekey", "--config", config) == 0
    assert shell.out == "first\nабай\n"
    monkeypatch.setenv("AMAN_VAULT_SECRET", second)
    assert shell.aman("rekey", "--config", config, "--revoke", "first") == 0
    assert "destroy them" in shell.out
    assert shell.aman("rekey", "--config", config) == 0
    assert shell.out == "абай\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--add", "first"), 2, "An unlock secret of that name is there already."),
        (("--add", "x" * 33), 2, "The name of an unlock secret takes 1 to 32 bytes."),
        (("--add", ""), 2, "The name of an unlock secret takes 1 to 32 bytes."),
        (("--revoke", "first"), 2, "The last unlock secret cannot be revoked: add another first."),
        (("--revoke", "nobody"), 2, "There is no unlock secret of that name."),
        (("--add", "a", "--revoke", "b"), 2, "not allowed with"),
    ],
)
def test_a_refusal_is_one_sentence_and_changes_nothing(
    shell: Shell, unlocked: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """And no words are shown that open nothing."""
    before = (unlocked / "data" / "keys").read_bytes()
    assert shell.aman("rekey", "--config", str(unlocked / "config.toml"), *arguments) == code
    assert said in shell.err
    assert shell.err.count("\n") == 1
    assert shell.out == ""
    assert (unlocked / "data" / "keys").read_bytes() == before


def test_a_ninth_secret_has_no_place(shell: Shell, unlocked: Path, made: tuple[Path, str]) -> None:
    """The file has eight, whatever is kept in it."""
    with keyslots.unlock(unlocked / "data" / "keys", words.parse(made[1])) as slots:
        for number in range(7):
            slots.add_secret(f"{number}", derivation.FLOOR)
    assert shell.aman("rekey", "--config", str(unlocked / "config.toml"), "--add", "ninth") == 2
    assert shell.err == "No place for another unlock secret: revoke one first.\n"


def test_without_an_unlock_secret_nothing_is_listed_or_changed(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code 3, and the names stay unknown."""
    monkeypatch.setenv("AMAN_VAULT_SECRET", words.new_secret().words())
    assert shell.aman("rekey", "--config", str(unlocked / "config.toml")) == 3
    assert shell.out == ""


@pytest.mark.parametrize("verb", ["lock", "unlock"])
def test_without_a_bot_there_is_nothing_to_lock_or_open(
    shell: Shell, unlocked: Path, verb: str
) -> None:
    """It says so, and asks for no secret."""
    assert shell.aman(verb, "--config", str(unlocked / "config.toml")) == 1
    assert shell.err == "No aman is running with this data directory.\n"


# ---------------------------------------------------------------- beside a running bot


def _have_an_event(tx: Transaction) -> None:
    tx.create_event_keys(EventId(7))
    now = SystemClock().now()
    TEAM.put(tx, TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "A", now))
    routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))


async def test_where_nothing_is_kept_there_is_nothing_to_lock(tmp_path: Path) -> None:
    """Nobody is told that it is locked, and then that nothing is."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        ended = await running.aman("lock")
        nothing = "There is nothing to lock: no names and no records are kept. What comes is open."
        assert ended == Ended(0, f"{nothing}\n", "")
        assert "records: open\n" in (await running.aman("status")).out


@pytest.mark.torture
async def test_a_running_bot_is_locked_and_opened_on_the_shell(tmp_path: Path) -> None:
    """Locking takes the shell alone, opening an unlock secret besides."""
    async with program(tmp_path) as running:
        await running.stores(_have_an_event)
        await running.starts()
        await running.works()
        assert (await running.aman("unlock")).out == "Nothing is locked.\n"
        assert (await running.aman("lock")).code == 0
        locked = await running.aman("rekey", "--add", "second")
        assert locked.code == 3
        assert locked.err == (
            "Unlock secrets change only while nothing is locked: run aman unlock first.\n"
        )
        running.surroundings["AMAN_VAULT_SECRET"] = words.new_secret().words()
        refused = await running.aman("unlock")
        assert refused == Ended(3, "", "This unlock secret opens nothing here.\n")
        del running.surroundings["AMAN_VAULT_SECRET"]
        assert await running.aman("unlock") == Ended(0, "Unlocked.\n", "")
        assert (await running.aman("unlock")).out == "Nothing is locked.\n"
        assert running.said("event=started") == 1  # nobody restarted anything
        assert (await running.aman("status")).code == 0
        assert (await running.aman("lock")).code == 0
        assert (await running.aman("owner-link")).code == 0


@pytest.mark.torture
async def test_the_team_is_told_what_is_done_on_the_shell_also_across_a_crash(
    tmp_path: Path,
) -> None:
    """Locked stays locked until somebody opens it, whatever happens to the worker."""
    async with program(tmp_path) as running:
        await running.stores(_have_an_event)
        aigul = running.service.person(17, "Aigul", language_code="en")
        await aigul.opens()
        await running.starts()
        await running.works()
        assert (await running.aman("lock")).code == 0
        await aigul.sees("records are locked", within=START_WITHIN)
        await running.is_killed()
        await running.works()
        assert not aigul.shows("can be read again")
        assert (await running.aman("unlock")).out == "Unlocked.\n"
        await aigul.sees("can be read again", within=START_WITHIN)


async def test_secrets_change_while_the_bot_runs_and_it_goes_on(tmp_path: Path) -> None:
    """Whoever is arrested loses theirs at once; the bot is not stopped for it."""
    async with program(tmp_path) as running:
        await running.stores(_have_an_event)
        await running.starts()
        await running.works()
        added = await running.aman("rekey", "--add", "second")
        assert added.code == 0
        second = _shown(added.out)
        again = await running.aman("rekey", "--add", "second")
        assert again == Ended(2, "", "An unlock secret of that name is there already.\n")
        running.surroundings["AMAN_VAULT_SECRET"] = second
        assert (await running.aman("rekey", "--revoke", "first")).code == 0
        assert (await running.aman("rekey")).out == "second\n"
        assert not _opens(running.made.directory, running.made.words)
        assert _opens(running.made.directory, second)
        assert (await running.aman("lock")).code == 0
        assert await running.aman("unlock") == Ended(0, "Unlocked.\n", "")
        dana = running.service.person(17, "Dana", language_code="en")
        await dana.opens()
        await dana.sees("")
        await running.is_killed()  # the next one gets the same keys
        await dana.writes("/help")
        await running.service.settles(within=20)
        assert running.said("error=") == 0
