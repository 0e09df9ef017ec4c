"""The unit under a real systemd: it starts, outlives a crash and ends in order.

The whole evening is played behind the same walls: whatever it does, the unit allows.
"""

import asyncio
import os
import re
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from bot.exits import LOCKED
from bot.rehearsal.botapi import BotApiServer
from storage.vault.words import new_secret
from tests.faults.machine import PROGRAM, SYSTEMD, Machine, booted, comes
from tests.faults.program import TOKEN

pytestmark = [
    pytest.mark.torture,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a machine"),
    pytest.mark.skipif(not SYSTEMD.exists(), reason="systemd is not installed"),
]

DATA = "/var/lib/aman"
CONFIG = f"{DATA}/config.toml"
SECRET = "/run/aman.unlock"  # noqa: S105 - where the unit looks for it
EVENING = f"{DATA}/evening"
STARTS_WITHIN = 120.0  # real seconds, with a key derived at full cost
EVENING_WITHIN = 240.0  # real seconds

# What the unit does for the secret, which an evening does not need.
WITHOUT_SECRET = dict.fromkeys(
    ("AssertPathExists", "StandardInput", "ExecStartPost", "ExecStopPost", "Environment")
)
PLAYS = {**WITHOUT_SECRET, "ExecStart": f"{PROGRAM}/.venv/bin/aman rehearse"}


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Give a machine on which the unit is installed and nothing is set up yet."""
    with booted() as made:
        made.has_unit("aman")
        yield made


def _set_up(machine: Machine, url: str) -> str:
    """Follow the guide as far as the start; give the unlock secret."""
    shown = machine.aman("init", "--dir", DATA).stdout
    words = re.search(r"(?m)^    ((?:[a-z]+ ){11}[a-z]+)$", shown)
    assert words, shown
    telegram = f's|^token = .*|token = "{TOKEN}"|; s|^api_url = .*|api_url = "{url}"|'
    machine.runs("sed", "-i", telegram, CONFIG).check_returncode()
    return words[1]


def _works(machine: Machine) -> bool:
    return "bot: works\n" in machine.aman("status", "--config", CONFIG).stdout


def _workers(machine: Machine) -> list[str]:
    """Give the process ids of the workers, the one that works first."""
    return machine.runs("pgrep", "--full", "bot[.]worker").stdout.split()


ASKS = "from bot import mounts; assert mounts.running_kernel()"
KNOWS = {
    **WITHOUT_SECRET,
    "Type": "oneshot",
    "ExecStart": f"{PROGRAM}/.venv/bin/python -c '{ASKS}'",
}


def test_behind_its_walls_it_knows_on_which_machine_it_is(machine: Machine) -> None:
    """On a disk that machines share another one would be let in beside it."""
    machine.has_unit("knows", KNOWS)
    assert machine.runs("systemctl", "start", "knows").returncode == 0
    machine.has_unit("walled", {**KNOWS, "ProcSubset": "pid"})
    assert machine.runs("systemctl", "start", "walled").returncode != 0


def _is_over(machine: Machine, unit: str) -> bool:
    return machine.tells(unit)["ActiveState"] in {"inactive", "failed"}


async def _starts_and_stops(machine: Machine) -> dict[str, str]:
    """Start it as the guide says, kill its worker, stop it; give what systemd says of it then."""
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock()) as service:
        service.profile.can_join_groups = False
        return await asyncio.to_thread(_lives, machine, service.url)


def _lives(machine: Machine, url: str) -> dict[str, str]:
    machine.writes(SECRET, _set_up(machine, url))
    machine.runs("systemctl", "start", "aman").check_returncode()
    comes(lambda: _works(machine), STARTS_WITHIN)
    assert not machine.has(SECRET)
    killed = _workers(machine)[0]
    machine.runs("kill", "-9", killed).check_returncode()
    comes(lambda: killed not in _workers(machine) and _works(machine), STARTS_WITHIN)
    assert machine.tells("aman")["ActiveState"] == "active"
    machine.runs("systemctl", "stop", "aman").check_returncode()
    assert not _workers(machine)
    return machine.tells("aman")


async def test_it_starts_outlives_its_worker_and_ends_in_order(machine: Machine) -> None:
    """The secret is gone once it works, and needed for no restart of the worker."""
    told = await _starts_and_stops(machine)
    assert told == {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}


async def test_an_end_that_asks_for_the_secret_again_would_be_noticed(machine: Machine) -> None:
    """The test above can fail: the last command, too, is given the file that is gone by then."""
    machine.has_unit("aman", {"ExecStopPost": f"+/bin/rm -f {SECRET}"})
    assert (await _starts_and_stops(machine))["Result"] == "exit-code"


def test_wrong_words_end_it_and_stay_nowhere(machine: Machine) -> None:
    """Somebody brings the right ones, and starts it again."""
    _set_up(machine, "http://127.0.0.1:1")
    machine.writes(SECRET, new_secret().words())
    machine.runs("systemctl", "start", "aman")
    comes(lambda: _is_over(machine, "aman"), STARTS_WITHIN)
    assert machine.tells("aman") == {
        "ActiveState": "failed",
        "Result": "exit-code",
        "ExecMainStatus": str(LOCKED),
    }
    assert not machine.has(SECRET)


def test_without_the_secret_it_does_not_start(machine: Machine) -> None:
    """As after a boot: systemd says so at once, and nothing runs."""
    started = machine.runs("systemctl", "start", "aman")
    assert started.returncode == 1
    assert "Assertion failed" in started.stderr
    assert machine.tells("aman")["ActiveState"] == "inactive"


def _evening(machine: Machine, changed: dict[str, str]) -> tuple[dict[str, str], str]:
    """Play an evening behind the unit's walls; give what systemd and the evening say of it."""
    machine.has_unit("evening", {**PLAYS, "StandardOutput": f"file:{EVENING}", **changed})
    machine.runs("systemctl", "start", "evening").check_returncode()
    comes(lambda: _is_over(machine, "evening"), EVENING_WITHIN)
    return machine.tells("evening"), machine.runs("cat", EVENING).stdout


def test_a_whole_evening_takes_nothing_that_the_unit_forbids(machine: Machine) -> None:
    """Evidence, pictures, exports, restarts and locked memory among it."""
    told, said = _evening(machine, {})
    assert told["Result"] == "success"
    assert "  kept " in said


def test_a_wall_too_many_would_be_noticed(machine: Machine) -> None:
    """The test above can fail."""
    told, said = _evening(machine, {"RestrictAddressFamilies": "AF_UNIX"})
    assert told["Result"] == "exit-code"
    assert "  kept " not in said
