"""The five rooms and their one direction; each rule is shown to fail when it is broken."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "coordination", "storage", "safety")

LINTER = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)

# Where a careless import is added, what it says, and the contract that has to break.
CARELESS = {
    "a rule reads rows": ("safety/people.py", "import storage.chats", "One way down"),
    "a use case talks": ("coordination/turns.py", "import handlers.texts", "One way down"),
    "a handler reads rows": (
        "handlers/guard.py",
        "import storage.chats",
        "Handlers reach storage",
    ),
    "a use case knows Telegram": ("coordination/turns.py", "import telegram", "Telegram only"),
    "a handler speaks SQL": ("handlers/guard.py", "import sqlite3", "SQL only in storage"),
    "a row is hashed": ("storage/chats.py", "import hashlib", "Crypto only in the vault"),
    "a rule looks at the clock": ("safety/people.py", "import time", "The rules are pure"),
    "a rule opens a file": ("safety/people.py", "import pathlib", "The rules are pure"),
}


def _lint(directory: Path) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", LINTER],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,  # seconds
    )
    return done.returncode, done.stdout + done.stderr


def _copy(directory: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", directory)
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, directory / room, ignore=shutil.ignore_patterns("__pycache__", "*.json")
        )


def test_the_rooms_import_only_downwards() -> None:
    """Every contract of the architecture holds in the code as it is."""
    code, said = _lint(ROOT)
    assert code == 0, said
    assert "0 broken" in said


@pytest.fixture(scope="session")
def careless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Add every careless import to a copy of the code; give what is said of it."""
    directory = tmp_path_factory.mktemp("careless")
    _copy(directory)
    for file, statement, _ in CARELESS.values():
        with (directory / file).open("a", encoding="utf-8") as opened:
            opened.write(f"\n{statement}\n")
    code, said = _lint(directory)
    assert code == 1, said
    return said


@pytest.mark.parametrize("name", CARELESS)
def test_a_careless_import_breaks_its_contract(name: str, careless: str) -> None:
    """The contracts can fail: each kind of wrong import is found, and by its name."""
    file, statement, contract = CARELESS[name]
    importer = file.removesuffix(".py").replace("/", ".")
    imported = statement.removeprefix("import ")
    _, _, reasons = careless.partition("Broken contracts")
    sections = re.split(r"\n(?=[^\n]+\n-+\n)", reasons)
    (broken,) = [section for section in sections if section.strip().startswith(contract)]
    assert re.search(rf"{re.escape(importer)} -> {re.escape(imported)} \(l", broken), broken
