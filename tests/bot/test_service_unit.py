"""The unit file for systemd: as closed as promised, and it starts what there is."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import load
from tests.faults.program import ROOT, program

UNIT = ROOT / "deploy" / "aman.service"
EXPOSED = 1.5  # at most, of 10; a bare unit scores 9.6


def _exposure(unit: Path) -> float:
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    return float(found[1])


def _needs_systemd() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")


def test_the_unit_leaves_little_open() -> None:
    """What breaks out of the bot finds a closed room."""
    _needs_systemd()
    assert _exposure(UNIT) <= EXPOSED


def test_an_open_unit_would_be_noticed(tmp_path: Path) -> None:
    """The test above can fail."""
    _needs_systemd()
    bare = tmp_path / "aman.service"
    kept = [line for line in UNIT.read_text().splitlines() if "Protect" not in line]
    bare.write_text("\n".join(kept) + "\n")
    assert _exposure(bare) > EXPOSED


def _service() -> dict[str, list[str]]:
    """Read the unit's section; a name may come several times."""
    section = UNIT.read_text().partition("[Service]")[2].partition("\n[")[0]
    read: dict[str, list[str]] = {}
    for line in section.splitlines():
        name, is_set, value = line.partition("=")
        if is_set and not line.startswith("#"):
            read.setdefault(name, []).append(value)
    return read


def test_the_unit_starts_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its command is one of ours, and its variables are known."""
    service = _service()
    program_path, *arguments = shlex.split(service["ExecStart"][0])
    assert program_path.endswith("/.venv/bin/aman")
    arguments[-1] = str(tmp_path / "config.toml")
    assert main(arguments) == 2
    assert "run aman init first" in capsys.readouterr().err
    (tmp_path / "config.toml").touch()
    variables = dict(pair.split("=") for line in service["Environment"] for pair in line.split())
    config = load(tmp_path / "config.toml", variables)
    assert (config.unlock.value, config.unlock_file) == ("fd", "0")


def test_a_worker_killed_for_memory_does_not_end_the_unit() -> None:
    """By default systemd would stop the supervisor too, and the keys would be gone."""
    assert _service()["OOMPolicy"] == ["continue"]


async def test_the_secret_comes_through_standard_input_and_is_gone(tmp_path: Path) -> None:
    """As the unit does it: from a file that is deleted while the bot starts."""
    async with program(tmp_path) as running:
        secret = tmp_path / "secret"
        secret.write_text(running.made.words + "\n")
        running.surroundings = {
            "AMAN_VAULT_UNLOCK": "fd",
            "AMAN_VAULT_UNLOCK_FILE": "0",
            "AMAN_VAULT_SECRET": "",
        }
        descriptor = os.open(secret, os.O_RDONLY)
        await running.starts(stdin=descriptor)
        os.close(descriptor)
        secret.unlink()
        await running.works()
        for number in (running.supervisor, *running.workers):
            assert _input_of(number) == os.devnull


def _input_of(number: int) -> str:
    return str(Path(f"/proc/{number}/fd/0").readlink())
