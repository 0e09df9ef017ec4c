"""Wrong unlock secrets slow down whoever tries, and a right one is welcome."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from bot import clock
from bot.config import Config, load
from bot.setup import Made, set_up
from bot.tries import PAUSES, UNCOUNTED, slowed
from bot.unlocking import LockedError, find_root, open_keys
from storage.vault import derivation, keyslots, words
from storage.vault.errors import BusyKeySlotsError, WrongSecretError


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give how long the program was held back, each time, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "hold", waited.append)
    return waited


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Set everything up with cheap keys."""
    return set_up(tmp_path, {}, derivation.FLOOR)


def _config(made: Made, secret: str) -> Config:
    around = {"AMAN_VAULT_UNLOCK": "env", "AMAN_VAULT_SECRET": secret}
    return load(made.config_path, around)


def test_each_wrong_secret_makes_the_next_answer_later(made: Made, waits: list[float]) -> None:
    """Up to a bound, whichever command asks; and the right one starts anew."""
    wrong = _config(made, words.new_secret().words())
    for _ in range(len(PAUSES) + 1):
        with pytest.raises(LockedError, match="opens nothing here"):
            open_keys(wrong)
    assert waits == [*PAUSES, PAUSES[-1]]
    with pytest.raises(LockedError):
        find_root(wrong)
    right = _config(made, made.words)
    open_keys(right).close()
    open_keys(right).close()
    assert waits[-2:] == [PAUSES[-1], PAUSES[0]]
    assert list(PAUSES) == sorted(set(PAUSES))


def test_a_try_that_is_cut_off_counts(tmp_path: Path, waits: list[float]) -> None:
    """Killing the program before its answer gains nothing."""
    counter = tmp_path / "tries"
    with pytest.raises(KeyboardInterrupt), slowed(counter):
        raise KeyboardInterrupt
    with pytest.raises(WrongSecretError), slowed(counter):
        raise WrongSecretError
    with slowed(counter):
        pass
    assert waits == list(PAUSES[:3])


def test_what_is_not_about_the_secret_does_not_count(made: Made, waits: list[float]) -> None:
    """Another aman runs; the file is damaged."""
    right = _config(made, made.words)
    with open_keys(right):
        for _ in range(3):
            with pytest.raises(BusyKeySlotsError):
                open_keys(right)
    assert set(waits) == {0.0}


def test_words_that_are_no_secret_do_not_count(made: Made, waits: list[float]) -> None:
    """They are known to be mistyped without any try."""
    for typed in ("these are not the words", made.words[:-1]):
        with pytest.raises(LockedError, match="misspelt"):
            open_keys(_config(made, typed))
    assert waits == []


def test_tries_of_two_programs_follow_each_other(tmp_path: Path, waits: list[float]) -> None:
    """Or whoever has many terminals has many tries."""
    counter = tmp_path / "tries"
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with slowed(counter):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with slowed(counter):
        inside.set()
        other.join(0.2)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]
    assert waits == [0.0, 0.0]


@pytest.mark.parametrize("instead", ["nowhere", "directory", "device", "pipe"])
def test_where_nothing_can_be_counted_each_try_waits(
    tmp_path: Path, waits: list[float], instead: str
) -> None:
    """Whoever puts something else in its place tries no faster, and nobody is kept out: a full
    disk must not lock the team out of its own keys.
    """
    counter = tmp_path / "tries"
    match instead:
        case "nowhere":
            counter = tmp_path / "nowhere" / "tries"
        case "directory":
            counter.mkdir()
        case "device":
            counter.symlink_to("/dev/null")
        case _:
            os.mkfifo(counter)
    for _ in range(2):
        with pytest.raises(WrongSecretError), slowed(counter):
            raise WrongSecretError
    with slowed(counter):
        pass
    assert [seconds for seconds in waits if seconds] == [UNCOUNTED] * 3
    assert UNCOUNTED in PAUSES


def test_whoever_types_may_try_again(
    made: Made,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Three times; a slip under stress is no reason to start over."""
    typed = iter(["slip", words.new_secret().words(), made.words])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    config = load(made.config_path, {})
    open_keys(config).close()
    assert waits == [0.0, PAUSES[1]]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "misspelt" in said[0]
    assert said[1] == "This unlock secret opens nothing here."
    typed = iter(["slip", "slip", "slip", made.words])
    with pytest.raises(LockedError):
        open_keys(config)


def test_ctrl_c_ends_the_question_also_inside_a_loop(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`aman doctor` asks in the middle of its work: it must not look as if it hung."""
    asked: list[str] = []

    def interrupted(prompt: str) -> str:
        asked.append(prompt)
        os.kill(os.getpid(), signal.SIGINT)
        return "slip"

    monkeypatch.setattr("getpass.getpass", interrupted)
    config = load(made.config_path, {})

    async def opens() -> None:
        open_keys(config).close()

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(opens())
    assert len(asked) == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_a_new_secret_costs_what_the_configuration_says(tmp_path: Path) -> None:
    """For machines with little memory."""
    made = set_up(tmp_path, {"AMAN_VAULT_MEMORY_MEBIBYTES": "20"})
    with keyslots.unlock(made.directory / "keys", words.parse(made.words)) as slots:
        (place, *_) = slots._image.secrets  # noqa: SLF001 - what was really written
        assert place is not None
        assert place.parameters == derivation.Parameters(20 * 1024, 3, 4)
