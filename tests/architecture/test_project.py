"""What a fresh machine needs: pinned packages, the promised commands, whole packages."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock")
CONTRACT = ("rehearse", "test", "check", "bench", "torture")
CARRIED = {".po", ".sql", ".json", ".html", ".j2", ".css", ".js", ".txt", ".md", ".py"}


def _pins(lock: str) -> dict[str, tuple[str, int]]:
    """Give each package's version and how many hashes it has."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8"))
    pins: dict[str, tuple[str, int]] = {}
    for entry in entries:
        if pinned := re.match(r"([a-z0-9-]+)==(\S+)", entry):
            pins[pinned[1]] = (pinned[2], entry.count("--hash=sha256:"))
    return pins


def _wanted(requirements: list[str]) -> dict[str, str]:
    split = (requirement.split("==") for requirement in requirements)
    return {name.lower().replace("_", "-"): version for name, version in split}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes_and_no_address(lock: str) -> None:
    """What is installed is what was tested, wherever it was fetched from."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)
    pins = _pins(lock)
    assert len(pins) == len(re.findall(r"^[a-z]\S*==", text, re.MULTILINE))
    assert [name for name, (_version, hashes) in pins.items() if not hashes] == []


def test_the_locks_hold_what_the_project_asks_for() -> None:
    """A version changed in one place only is noticed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run = _wanted(project["dependencies"])
    test = _wanted(project["optional-dependencies"]["test"])
    locked, locked_with_tests = _pins("requirements.lock"), _pins("requirements-test.lock")
    assert {name: locked[name][0] for name in run} == run
    assert {name: locked_with_tests[name][0] for name in {**run, **test}} == {**run, **test}
    assert locked.items() <= locked_with_tests.items()
    assert {"setuptools", "wheel"} <= locked.keys()  # Aman itself is built without a network


def test_the_commands_of_the_contract_are_there() -> None:
    """People and scripts rely on these names."""
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in CONTRACT if not re.search(rf"^{name}:", made, re.MULTILINE)] == []
    assert "aman = " in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_package_carries_every_file_it_needs() -> None:
    """What stands in the rooms beside the code is of a kind that is installed with it."""
    rooms = ("bot", "handlers", "coordination", "storage", "safety", "locales")
    files = (file for room in rooms for file in (ROOT / room).rglob("*") if file.is_file())
    left_out = [
        file.relative_to(ROOT).as_posix()
        for file in files
        if "__pycache__" not in file.parts and file.suffix not in CARRIED
    ]
    assert left_out == []
