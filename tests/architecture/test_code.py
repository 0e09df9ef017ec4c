"""How the code reads: rules without I/O, modules that say their rule, sizes for a tired head."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "coordination", "storage", "safety")
MODULE_LINES = 460
FUNCTION_LINES = 45
LONG_FOR_A_REASON = {
    "storage/vault/verifier.py",  # goes into every bundle as one file that needs nothing else
    "safety/alarmlexicon.py",  # a word list
    "handlers/routes.py",  # THE table: who may do what is read in one place
    "safety/lives.py",  # the table of what is kept for how long, likewise
}

# All that a rule may use: nothing here opens, waits, asks the time or draws a number.
PURE = {
    *(
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "itertools",
        "math",
        "operator",
    ),
    *("re", "string", "types", "typing", "typing_extensions", "unicodedata", "zoneinfo", "safety"),
}
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
IMPURE_METHODS = {"now", "utcnow", "today", "fromtimestamp", "astimezone_local"}

EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|manager|process|data|misc|common|base|stuff)$")
LEFT_OPEN = re.compile(
    r"\b(TODO|FIXME|XXX|HACK|WIP)\b|\bfor now\b|\bplaceholder for\b", re.IGNORECASE
)
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt|mnt|srv)/\w")
EXCUSE = re.compile(
    r"# (?:noqa|type: ignore)(?P<codes>\S*(?:[:,] ?[A-Z0-9\[][\w\]-]*)*)(?P<reason>.*)"
)


def _modules(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]
            case _:
                pass


def _impure(tree: ast.Module) -> list[str]:
    """Give what in a module reaches outside: imports, calls and awaits."""
    found = [name for name in _imports(tree) if name not in PURE]
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_NAMES:
                found.append(name)
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
                found.append(name)
            case ast.Await() | ast.AsyncFunctionDef():
                found.append("await")
            case _:
                pass
    return found


@pytest.mark.parametrize("file", _modules("safety"), ids=_name)
def test_a_rule_reaches_nothing_outside_itself(file: Path) -> None:
    """Values in, decision out: whoever reads a rule has read all that it depends on."""
    assert _impure(_tree(file)) == []


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "from random import choice",
        "open('x')",
        "datetime.now(UTC)",
        "async def f(): ...",
    ],
)
def test_what_reaches_outside_is_found(code: str) -> None:
    """The check above can fail."""
    assert _impure(ast.parse(code))


@pytest.mark.parametrize("file", _modules(*ROOMS, "tests"), ids=_name)
def test_a_module_says_the_rule_it_guards(file: Path) -> None:
    """Whoever opens a file at two in the morning learns from its first lines what it is for."""
    if not file.read_text(encoding="utf-8").strip():
        return  # an empty `__init__.py` guards nothing
    said = ast.get_docstring(_tree(file))
    assert said, "no docstring"
    assert said[0].isupper() or not said[0].isalpha(), said


@pytest.mark.parametrize("file", _modules(*ROOMS), ids=_name)
def test_modules_and_functions_stay_short(file: Path) -> None:
    """Nothing is longer than one can hold in mind."""
    if _name(file) in LONG_FOR_A_REASON:
        return
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines <= MODULE_LINES
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, node.name


@pytest.mark.parametrize("file", _modules(*ROOMS), ids=_name)
def test_a_module_is_named_for_what_it_holds(file: Path) -> None:
    """No drawer collects what has no place."""
    assert not EMPTY_NAMES.search(file.stem)


@pytest.mark.parametrize("file", _modules(*ROOMS, "tests"), ids=_name)
def test_nothing_is_left_open(file: Path) -> None:
    """What is here is finished, and runs on any machine."""
    if file == Path(__file__):
        return
    text = file.read_text(encoding="utf-8")
    assert LEFT_OPEN.findall(text) == []
    assert SOMEBODYS_MACHINE.findall(text) == []


@pytest.mark.parametrize("folder", [*ROOMS, "tests", "locales"])
def test_every_folder_with_modules_is_a_package(folder: str) -> None:
    """A folder without `__init__.py` is passed over by the checks and left out of the package."""
    folders = {file.parent for file in _modules(folder)}
    bare = [_name(one) for one in sorted(folders) if not (one / "__init__.py").exists()]
    assert bare == []


@pytest.mark.parametrize("file", _modules(*ROOMS, "tests"), ids=_name)
def test_every_exception_from_the_checks_carries_its_reason(file: Path) -> None:
    """A silenced check says why, on its own line."""
    bare = [
        line.strip()
        for line in file.read_text(encoding="utf-8").splitlines()
        if (excuse := EXCUSE.search(line)) and not re.search(r"[A-Za-z]{2}", excuse["reason"])
    ]
    assert bare == []
