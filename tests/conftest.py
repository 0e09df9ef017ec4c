"""What every test can ask for."""

import gc
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from handlers.texts import Texts
from storage.vault import derivation, slotseals, verifier
from storage.vault.derivation import Parameters
from storage.vault.keys import Key
from storage.vault.words import UnlockSecret
from tests.harness import World
from tests.letters import KINDS
from tests.parts import PARTS, Part

pytest_plugins = ["tests.skips"]

SEED = 20270528

Derive = Callable[[UnlockSecret, bytes, Parameters], Key]

settings.register_profile("aman", deadline=None)  # how fast it is, `make bench` measures
settings.load_profile("aman")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--part N` play one of five parts, `--seed N` make other updates by chance."""
    parser.addoption("--part", type=int, choices=range(PARTS), help="play every fifth of them")
    parser.addoption("--seed", type=int, default=SEED, help="what is made by chance, made again")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other parts; without `--part` everything is played.

    Those that may take longest begin, so that no core is idle while the last one is played.
    """
    part = config.getoption("--part")
    if part is not None:
        in_parts = [item for item in items if item.get_closest_marker("in_parts")]
        left_out = {item for number, item in enumerate(in_parts) if number % PARTS != part}
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
    worker: dict[str, int] | None = getattr(config, "workerinput", None)
    if worker is not None:
        items[:] = _dealt(items, worker["workercount"])


def pytest_collection_finish() -> None:
    """Leave what is there for good out of every later search for what nobody needs any more."""
    gc.collect()
    gc.freeze()


def _dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Give one share after another, each with its long ones first.

    Each worker gets a share, as many as another; one that is through takes of what others have.
    """
    long = sorted(filter(_allowed, items), key=_allowed, reverse=True)
    others = [item for item in items if not _allowed(item)]
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        own = long[worker::workers]
        size = (len(items) - len(dealt)) // (workers - worker)
        quick = max(size - len(own), 0)
        dealt += (*own, *others[:quick])
        del others[:quick]
    return dealt + others


def _allowed(item: pytest.Item) -> float:
    """Give how many seconds a test is allowed, where it says so."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Do once for all tests what gives the same each time.

    Words, the authorities of TLS, the key that a secret derives, what is sealed in one state of a
    key slot file, and whether a signature is right.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Texts, "load", cache(Texts.load))
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setattr(derivation, "derive", _derived_once(derivation.derive))
        patch.setattr(slotseals, "open_entries", cache(slotseals.open_entries))
        patch.setattr(verifier, "is_signed", cache(verifier.is_signed))
        yield


def _derived_once(derive: Derive) -> Derive:
    derived: dict[tuple[bytes, bytes, Parameters], Key] = {}

    def known(secret: UnlockSecret, salt: bytes, parameters: Parameters) -> Key:
        given = secret.reveal(), salt, parameters
        if given not in derived:
            derived[given] = derive(secret, salt, parameters)
        return derived[given]

    return known


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Give what decides by chance; a failure shows it, and `--seed` plays it again."""
    found = request.config.getoption("--seed")
    assert isinstance(found, int)
    return found


@pytest.fixture
def part(request: pytest.FixtureRequest) -> Part:
    """Give which of the five parts is played."""
    return Part(request.config.getoption("--part"))


@pytest.fixture
def ways(world: World) -> None:
    """Have every way of waking somebody beside the chat configured."""
    world.policy = replace(world.policy, second_kinds=KINDS, ntfy_url="https://ntfy.example.org")


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give the bot in one process, with nobody in it yet."""
    async with World(tmp_path) as world:
        yield world
