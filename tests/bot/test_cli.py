"""The command line, as people and scripts meet it: one sentence, one code, no secrets."""

import asyncio
import errno
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import setup, status
from bot.config import load
from bot.exits import explain
from bot.rehearsal.botapi import BotApiServer
from bot.setup import SetupError, set_up
from safety.intake import Outage, Trouble
from storage import intake
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from storage.vault.keyslots import KeySlots
from tests.bot.conftest import TOKEN, Shell

ROOT = Path(__file__).parents[2]
MOST_MEMORY = 250_000  # KiB; the program itself takes half of it


def test_init_makes_everything_for_its_owner_alone(shell: Shell, tmp_path: Path) -> None:
    """Nobody else may read a single file, and the secret is shown once."""
    assert shell.aman("init", "--dir", str(tmp_path), "--yes") == 0
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    words = re.search(r"\n    (\S+(?: \S+)+)\n", shell.out)
    assert words is not None
    assert len(words[1].split()) == 12
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert words[1].encode() not in path.read_bytes()


def test_init_changes_nothing_that_is_there(shell: Shell, made: tuple[Path, str]) -> None:
    """A second init would orphan everything that the first keys have sealed."""
    home, _ = made
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert shell.aman("init", "--dir", str(home), "--yes") == 2
    assert "already" in shell.err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_an_init_that_finds_no_room_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It left keys behind whose words nobody had seen, and refused from then on.

    An older database that somebody has put aside there is not of its making.
    """
    kept = tmp_path / "data" / "aman.db.old"
    kept.parent.mkdir(mode=0o700)
    kept.write_bytes(b"of last year")

    async def fails(path: Path, slots: KeySlots) -> None:
        async with Database(path, slots):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(setup, "_make_database", fails)
        with pytest.raises(OSError, match="No space"):
            set_up(tmp_path, {}, derivation.FLOOR)
    assert list((tmp_path / "data").iterdir()) == [kept]
    set_up(tmp_path, {}, derivation.FLOOR)


def test_init_keeps_a_configuration_that_is_there(tmp_path: Path) -> None:
    """Somebody may write it first."""
    (tmp_path / "config.toml").write_text("[storage]\ndirectory = 'elsewhere'\n")
    made = set_up(tmp_path, {}, derivation.FLOOR)
    assert made.directory == tmp_path / "elsewhere"


def test_init_says_where_it_cannot_write(tmp_path: Path) -> None:
    """A sentence, not a trace."""
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be made"):
        set_up(tmp_path / "file" / "home", {}, derivation.FLOOR)


def test_init_asks_to_type_the_secret_from_the_note(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that was noted wrongly is found out while it can still be read."""
    answers = iter(["wrong words", ""])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    assert shell.aman("init", "--dir", str(tmp_path)) == 0
    assert "That is not it." in shell.out
    assert "Give a second person an unlock secret of their own: aman rekey" in shell.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "VERB"),
        (("fly",), "fly"),
        (("run", "--fast"), "--fast"),
        (("owner-link", "--days", "many"), "--days"),
        (("verify",), "DIR"),
    ],
)
def test_wrong_usage_is_one_sentence(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 2, and no page of help on standard error."""
    assert shell.aman(*arguments) == 2
    assert words in shell.err
    assert shell.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["run", "owner-link", "status"])
def test_without_a_configuration_init_is_named(shell: Shell, tmp_path: Path, verb: str) -> None:
    """The first mistake leads to the first step."""
    assert shell.aman(verb, "--config", str(tmp_path / "config.toml")) == 2
    assert (
        shell.err
        == "There is no config.toml here: run aman init first, or name it with --config.\n"
    )


def test_run_without_a_token_refuses(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any key is opened."""
    monkeypatch.delenv("AMAN_TELEGRAM_TOKEN")
    assert shell.aman("run", "--config", str(unlocked / "config.toml")) == 2
    assert "no bot token" in shell.err


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "There is no unlock secret."),
        ("these are not the words", "This is no unlock secret"),
        (None, "opens nothing here"),
    ],
)
def test_a_wrong_unlock_secret_is_code_three(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch, secret: str | None, words: str
) -> None:
    """Locked is told apart from broken."""
    if secret is None:
        secret = set_up(unlocked / "other", {}, derivation.FLOOR).words
    monkeypatch.setenv("AMAN_VAULT_SECRET", secret)
    assert shell.aman("status", "--config", str(unlocked / "config.toml")) == 3
    assert words in shell.err
    assert not secret or secret not in shell.err


def test_the_secret_may_come_from_a_private_file(
    shell: Shell, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that others may read is refused."""
    home, words = made
    (home / "secret").write_text(words + "\n")
    (home / "secret").chmod(0o600)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "file")
    monkeypatch.setenv("AMAN_VAULT_UNLOCK_FILE", "secret")
    assert shell.aman("status", "--config", str(home / "config.toml")) == 1
    assert shell.out.startswith("bot: does not run\n"), "it was opened"
    (home / "secret").chmod(0o640)
    assert shell.aman("status", "--config", str(home / "config.toml")) == 2
    assert "chmod 600" in shell.err


def test_the_secret_may_come_from_a_descriptor(
    shell: Shell, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it never stands in a file or a variable."""
    home, words = made
    reading, writing = os.pipe()
    os.write(writing, words.encode())
    os.close(writing)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "fd")
    monkeypatch.setenv("AMAN_VAULT_UNLOCK_FILE", str(reading))
    assert shell.aman("status", "--config", str(home / "config.toml")) == 1
    assert shell.out.startswith("bot: does not run\n"), "it was opened"


def test_an_unlock_file_that_is_not_there_is_code_three(
    shell: Shell, made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands on a medium that somebody took away: locked, not a wrong configuration."""
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "file")
    monkeypatch.setenv("AMAN_VAULT_UNLOCK_FILE", "taken-away")
    assert shell.aman("status", "--config", str(made[0] / "config.toml")) == 3
    assert shell.err == "The unlock file cannot be read.\n"


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("999999", 3, "The file descriptor of the unlock secret cannot be read."),
        ("9" * 10, 2, "must be a number"),
        ("9" * 5_000, 2, "must be a number"),
        ("-1", 2, "must be a number"),
    ],
)
def test_a_number_that_is_no_descriptor_is_one_sentence(  # noqa: PLR0913, PLR0917 - a case
    shell: Shell,
    made: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    number: str,
    code: int,
    words: str,
) -> None:
    """However large it is; one that nobody has opened holds no secret."""
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "fd")
    monkeypatch.setenv("AMAN_VAULT_UNLOCK_FILE", number)
    assert shell.aman("status", "--config", str(made[0] / "config.toml")) == code
    assert words in shell.err
    assert shell.err.count("\n") == 1


async def test_without_a_terminal_nothing_is_asked_for(made: tuple[Path, str]) -> None:
    """A prompt that shows what is typed, or waits for ever, is worse than a sentence."""
    code, out, err = await _outside("status", "--config", str(made[0] / "config.toml"))
    assert (code, out) == (3, "")
    assert err == "There is no terminal to ask for the unlock secret.\n"


def test_status_shows_counts_and_nobody(shell: Shell, unlocked: Path) -> None:
    """Queues, ages, the last poll; and whoever asks every minute hears that nobody listens."""
    assert shell.aman("status", "--config", str(unlocked / "config.toml")) == 1
    assert shell.err == "The bot does not run.\n"
    assert shell.out.startswith("bot: does not run\nlast poll: never\n")
    assert "updates come by: polling\n" in shell.out
    assert "updates waiting: 0" in shell.out
    assert "timers: 0" in shell.out


async def test_status_shows_what_is_wrong_and_since_when(made: tuple[Path, str]) -> None:
    """Present troubles, those that are over, and jumps of the clock; nobody's data."""
    now = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
    outage = Outage(Trouble.CONFLICT, now - timedelta(minutes=5))

    def plant(tx: Transaction) -> None:
        intake.note_heard(tx, now - timedelta(seconds=4))
        intake.note_jump(tx, now - timedelta(hours=1), timedelta(seconds=90))
        intake.put_outage(tx, outage)

    config = load(made[0] / "config.toml", {})
    with keyslots.unlock(config.keys_path, words.parse(made[1])) as slots:
        async with Database(config.database_path, slots) as database:
            await database.write(plant)
        lines = await status.report(config, slots, now)
        assert lines[:3] == [
            "last poll: 0:00:04 ago",
            "trouble: conflict, began 0:05:00 ago",
            "clock: jumped by +90 s, 1:00:00 ago",
        ]
        async with Database(config.database_path, slots) as database:
            over = replace(outage, until=now - timedelta(minutes=2))
            await database.write(lambda tx: intake.put_outage(tx, over))
        lines = await status.report(config, slots, now)
    assert lines[1] == "trouble: none; conflict, began 0:05:00 ago, ended 0:02:00 ago"


def test_an_open_data_directory_refuses(shell: Shell, unlocked: Path) -> None:
    """Fail closed."""
    (unlocked / "data").chmod(0o755)
    assert shell.aman("run", "--config", str(unlocked / "config.toml")) == 2
    assert "chmod 700" in shell.err


def test_a_second_aman_does_not_start(
    shell: Shell, unlocked: Path, made: tuple[Path, str]
) -> None:
    """Two bots on one data directory would destroy each other's work."""
    with keyslots.unlock(unlocked / "data" / "keys", words.parse(made[1])):
        assert shell.aman("run", "--config", str(unlocked / "config.toml")) == 2
    assert "Another aman is running" in shell.err


def test_a_damaged_key_file_is_one_sentence(shell: Shell, unlocked: Path) -> None:
    """Whatever is on the disk, no trace on the screen."""
    keys = unlocked / "data" / "keys"
    keys.write_bytes(os.urandom(keys.stat().st_size))
    assert shell.aman("status", "--config", str(unlocked / "config.toml")) == 2
    assert shell.err.count("\n") == 1
    assert "Traceback" not in shell.err


def test_a_damaged_database_is_one_sentence(shell: Shell, unlocked: Path) -> None:
    """The same for the database."""
    database = unlocked / "data" / "aman.db"
    database.write_bytes(os.urandom(8192))
    assert shell.aman("status", "--config", str(unlocked / "config.toml")) == 2
    assert shell.err == "The database cannot be opened with these keys.\n"


def test_too_little_memory_for_an_unlock_secret_is_said(tmp_path: Path) -> None:
    """On a small machine at night nobody should look for a fault of ours."""
    limited = f"ulimit -v {MOST_MEMORY}; exec {sys.executable} -m bot init --yes --dir {tmp_path}"
    said = subprocess.run(  # noqa: S603 - our own words
        ["/bin/bash", "-c", limited], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert said.stderr.startswith("There is too little memory")


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EIO])
def test_a_disk_that_takes_nothing_is_no_fault_of_ours(number: int) -> None:
    """A failing disk is mounted read-only; at the restart in the night one reads this."""
    sentence, code = explain(OSError(number, "of the system"))
    assert sentence.startswith("The disk is full, or cannot be written")
    assert code == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "data/keys"),
            "This user may not read data/keys, or not write there: look whose it is.",
        ),
        (
            OSError(errno.ENAMETOOLONG, "File name too long", b"aaa"),
            "aaa cannot be used: File name too long.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_no_fault_of_ours(error: OSError, said: str) -> None:
    """Most of all after somebody has run a command as another user."""
    assert explain(error) == (said, 2)


def test_a_backup_without_a_name_is_no_fault_of_ours(shell: Shell) -> None:
    """A variable of a script that was empty."""
    assert shell.aman("restore", "", "--identity", "none") == 2
    assert shell.err == "none cannot be read.\n"


def test_a_configuration_without_an_end_is_not_read_to_it(shell: Shell) -> None:
    """It took all the memory there was, beside the running bot."""
    assert shell.aman("status", "--config", "/dev/zero") == 2
    assert shell.err == "zero is too long to be a configuration.\n"


def test_a_fault_of_ours_names_its_kind_and_place_alone(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words might quote somebody."""

    async def breaks(*_arguments: object) -> list[str]:
        raise ValueError("Aigul lives at Abay 10")

    monkeypatch.setattr(status, "report", breaks)
    assert shell.aman("status", "--config", str(unlocked / "config.toml")) == 1
    assert re.fullmatch(r"Aman itself is at fault: ValueError at test_cli\.py:\d+\.\n", shell.err)


async def test_owner_link_and_doctor_ask_the_service(
    service: BotApiServer, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A one-time link to this very bot; and a look at what @BotFather set."""
    monkeypatch.setenv("AMAN_TELEGRAM_API_URL", service.url)
    config = str(unlocked / "config.toml")
    code, out, err = await _outside("owner-link", "--config", config)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"https://t\.me/EveningBot\?start=[A-Za-z0-9_-]{24}\n", out)
    code, out, _ = await _outside("doctor", "--config", config)
    assert "Telegram accepts the bot token." in out
    assert "The unlock secret opens the keys." in out
    assert "No webhook takes the updates away." in out
    assert code == (1 if "BAD" in out else 0)


async def test_owner_link_without_the_service_is_one_sentence(
    unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot's name comes from the service."""
    monkeypatch.setenv("AMAN_TELEGRAM_API_URL", "http://127.0.0.1:9")
    code, _, err = await _outside("owner-link", "--config", str(unlocked / "config.toml"))
    said = "Telegram could not be asked for the bot's name: see aman doctor.\n"
    assert (code, err) == (2, said)


async def test_a_mistyped_token_is_called_so_by_the_first_command_that_needs_it(
    service: BotApiServer, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has just copied it looks there, not at the network."""
    monkeypatch.setenv("AMAN_TELEGRAM_API_URL", service.url)
    monkeypatch.setenv("AMAN_TELEGRAM_TOKEN", "2" + TOKEN)
    code, _, err = await _outside("owner-link", "--config", str(unlocked / "config.toml"))
    assert (code, err) == (2, "Telegram does not accept the bot token in [telegram].\n")


@pytest.mark.parametrize("days", ["0", "31", "-1"])
def test_a_link_lives_days_and_not_for_ever(shell: Shell, unlocked: Path, days: str) -> None:
    """A link that lies around makes an organizer of whoever finds it."""
    config = str(unlocked / "config.toml")
    assert shell.aman("owner-link", "--config", config, "--days", days) == 2
    assert "--days" in shell.err


def test_it_also_runs_as_a_module() -> None:
    """`python -m bot` is the same program."""
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0
    for verb in ("init", "run", "owner-link", "rehearse", "doctor", "export", "verify", "status"):
        assert verb in ended.stdout


async def _outside(*arguments: str) -> tuple[int, str, str]:
    """Run `aman` as a program of its own, while this one serves it."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # without a terminal of its own
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await running.communicate()
    assert running.returncode is not None
    return running.returncode, out.decode(), err.decode()
