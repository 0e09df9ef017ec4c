"""How the code reads: rules without I/O, modules that say their rule, sizes for a tired head."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

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
    "zlib",  # a checksum of a value, which keeps nothing secret
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


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(_text(file))


def _wrong(files: Iterable[Path], found: Callable[[Path], T]) -> dict[str, T]:
    """Give whatever is found in these files, by the file's name."""
    return {_name(file): wrong for file in files if (wrong := found(file))}


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


def test_a_rule_reaches_nothing_outside_itself() -> None:
    """Values in, decision out: whoever reads a rule has read all that it depends on."""
    assert not _wrong(_modules("safety"), lambda file: _impure(_tree(file)))


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


def test_a_module_says_the_rule_it_guards() -> None:
    """Whoever opens a file at two in the morning learns from its first lines what it is for."""
    assert not _wrong(_modules(*ROOMS, "tests"), _unsaid)


def _unsaid(file: Path) -> str | None:
    """Give how a module begins that does not say its rule; an empty `__init__.py` guards none."""
    said = ast.get_docstring(_tree(file)) or ""
    if not _text(file).strip() or said[:1].isupper() or (said and not said[0].isalpha()):
        return None
    return said or "no docstring"


def test_modules_and_functions_stay_short() -> None:
    """Nothing is longer than one can hold in mind."""
    files = [file for file in _modules(*ROOMS) if _name(file) not in LONG_FOR_A_REASON]
    assert not _wrong(files, _long)


def _long(file: Path) -> list[str]:
    """Name what is too long in a module, and the module itself."""
    functions = [
        node
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [
        node.name
        for node in functions
        if (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES
    ]
    return long + ["the module"] * (_text(file).count("\n") > MODULE_LINES)


def test_a_module_is_named_for_what_it_holds() -> None:
    """No drawer collects what has no place."""
    assert not _wrong(_modules(*ROOMS), lambda file: EMPTY_NAMES.search(file.stem))


def test_nothing_is_left_open() -> None:
    """What is here is finished, and runs on any machine."""
    files = [file for file in _modules(*ROOMS, "tests") if file != Path(__file__)]
    assert not _wrong(files, lambda file: LEFT_OPEN.findall(_text(file)))
    assert not _wrong(files, lambda file: SOMEBODYS_MACHINE.findall(_text(file)))


@pytest.mark.parametrize("folder", [*ROOMS, "tests", "locales"])
def test_every_folder_with_modules_is_a_package(folder: str) -> None:
    """A folder without `__init__.py` is passed over by the checks and left out of the package."""
    folders = {file.parent for file in _modules(folder)}
    bare = [_name(one) for one in sorted(folders) if not (one / "__init__.py").exists()]
    assert bare == []


def test_every_exception_from_the_checks_carries_its_reason() -> None:
    """A silenced check says why, on its own line."""
    assert not _wrong(_modules(*ROOMS, "tests"), _unexcused)


def _unexcused(file: Path) -> list[str]:
    """Give the lines of a module that silence a check and do not say why."""
    return [
        line.strip()
        for line in _text(file).splitlines()
        if (excuse := EXCUSE.search(line)) and not re.search(r"[A-Za-z]{2}", excuse["reason"])
    ]
