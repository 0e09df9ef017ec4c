"""The table of troubles (docs/operations.md): no word of the log is found nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "coordination", "storage", "safety")
LOGS = ROOT / "bot" / "logs.py"
OPERATIONS = ROOT / "docs" / "operations.md"
TABLE = "## When something is wrong"
SERIOUS = {"warn", "fault", "warning"}  # of `bot/logs.py`, and of what it writes with

# What needs nothing done, and why.
NEEDS_NOTHING = {
    "apology-fault": "stands beside `update-set-aside`: its person was not told",
    "addresses-not-read": "the addresses that were read before are kept",
    "download-left-to-hand": "the file is among the originals that are owed",
    "introduction-failed": "the service is asked again; `poll-trouble` says what is wrong",
    "library-line": "a line of a library, of which place and severity are kept",
    "line-shared": "organizers are told; `poll-trouble` says what is wrong",
    "line-silent": "organizers are told; `poll-trouble` says what is wrong",
    "not-counted": "`aman status` says that the bot does not answer",
    "poll-fault": "the service is asked again; `poll-trouble` says what is wrong",
    "sender-not-read": "the sender is believed, and the alarm goes out",
    "uncaught": "the program has ended: `worker-ended`, or a sentence on the terminal",
    "update-without-id": "what came was no update",
    "webhook-fault": "the service is asked again; `poll-trouble` says what is wrong",
    "webhook-not-removed": "the service is asked again; `poll-trouble` says what is wrong",
}


def _calls(file: Path) -> Iterator[ast.Call]:
    """Give each call that writes a warning or a fault."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        match node.func:
            case ast.Attribute(value=ast.Name(id="logs"), attr=name) if name in SERIOUS:
                yield node
            case ast.Attribute(attr=name) | ast.Name(id=name) if file == LOGS and name in SERIOUS:
                yield node


def _logged() -> set[str]:
    files = (file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    names = (part for file in files for call in _calls(file) for part in ast.walk(call.args[0]))
    return {
        part.value
        for part in names
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def _table() -> str:
    section = OPERATIONS.read_text(encoding="utf-8").partition(TABLE)[2].partition("\n## ")[0]
    return "\n".join(line for line in section.splitlines() if line.startswith("|"))


def _is_explained(name: str) -> bool:
    return re.search(rf"`{name}[` ]", _table()) is not None


def test_every_warning_stands_in_the_table_of_troubles() -> None:
    """Whoever runs the machine finds there what it means, and what to do."""
    logged = _logged()
    assert {"poll-trouble", "bare-letter-not-sent", "library-line"} <= logged
    unexplained = {name for name in logged if not _is_explained(name)}
    assert sorted(unexplained - NEEDS_NOTHING.keys()) == []


def test_what_needs_nothing_done_is_logged_and_explained_nowhere_else() -> None:
    """A name that nobody writes any more, or that the table explains by now, is no exception."""
    assert sorted(NEEDS_NOTHING.keys() - _logged()) == []
    assert [name for name in NEEDS_NOTHING if _is_explained(name)] == []
