"""`aman keys`: people make key pairs on their own computers; the server enrols public lines.

`new` needs no configuration and no server. The others work beside a running bot, as a guest.
"""

import argparse
import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.clock import SystemClock
from bot.config import ConfigError, environment, load, require_safe_directory
from bot.hardening import lock_memory
from bot.printing import say
from bot.unlocking import open_keys
from coordination import keyholders
from coordination.turns import Work
from safety.keyholders import NAME_LIMIT, Keyholder, is_name
from safety.people import Role
from storage.database import Database
from storage.vault import identities
from storage.vault.errors import ExposedIdentityError, MalformedKeyError
from storage.vault.keys import Key, public_half

OWN_FILE = 0o600

T = TypeVar("T")


class KeysError(ConfigError):
    """A key cannot be made, enrolled or removed; the text is one clear sentence."""


def run(parsed: argparse.Namespace) -> int:
    """Carry out one of the actions; without one, list the enrolled keys."""
    match parsed.action:
        case "new":
            lines = make(parsed.file)
        case "add":
            lines = _add(parsed)
        case "remove":
            lines = _remove(parsed)
        case _:
            lines = _visit(parsed, lambda work: _listed(keyholders.list_current(work)))
    for line in lines:
        say(line)
    return 0


def make(path: Path) -> list[str]:
    """Write a fresh private identity to a file of its owner's; give what is to be said.

    Raises:
        KeysError: there is something already, or nothing can be written there.
    """
    lock_memory()
    private = identities.new_identity()
    public = public_half(private)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(identities.private_text(private))
                file.flush()
                os.fsync(file.fileno())
        except BaseException:  # half a key is none, and would be in the way of the next try
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise KeysError(f"{path} is there already: nothing was changed.") from None
    except OSError:
        raise KeysError(f"{path} cannot be written.") from None
    return [
        f"Written: {path}. It is private: it stays on this computer, with one copy elsewhere.",
        "Public line, for whoever runs the server:",
        f"\n    {identities.public_line(public)}\n",
        "Its words, to be compared by voice when it is enrolled:",
        f"\n    {identities.fingerprint(public)}\n",
    ]


def read_identity(path: Path) -> Key:
    """Read somebody's own private identity.

    Raises:
        KeysError: it cannot be read, or is none.
    """
    try:
        return identities.read_private(_text_of(path))
    except MalformedKeyError as error:
        raise KeysError(f"{path} is no private identity: {error}.") from None


def _add(parsed: argparse.Namespace) -> list[str]:
    path: Path = parsed.file
    name: str = path.stem if parsed.name is None else parsed.name
    if not is_name(name):
        raise KeysError(
            f"A name has 1 to {NAME_LIMIT} characters, and none that does not print: use --name."
        )
    public = _public(path)
    holder = _visit(parsed, lambda work: _enrol(work, Role(parsed.role), name, public))
    undo = f"aman keys remove {holder.words.replace(' ', '-')}"
    return [
        _line_of(holder),
        f"Compare these words with {holder.name} by voice, now. If one differs: {undo}",
    ]


def _enrol(work: Work, role: Role, name: str, public: Key) -> Keyholder:
    if keyholders.called(work, identities.fingerprint(public)):
        raise KeysError("This key is enrolled already: nothing was changed.")
    if keyholders.called(work, name):
        raise KeysError("Somebody of that name has a key already: remove it first, or use --name.")
    return keyholders.enrol(work, role, name, public)


def _remove(parsed: argparse.Namespace) -> list[str]:
    named = " ".join(parsed.named)

    def take(work: Work) -> tuple[Keyholder, int]:
        found = keyholders.called(work, named)
        if not found:
            raise KeysError("There is no key of that name or fingerprint.")
        return found[0], keyholders.remove(work, found[0])

    holder, kept = _visit(parsed, take)
    still = [f"Closed cases and envelopes that no other key opens, and that stay: {kept}."]
    return [f"Removed: {_line_of(holder)}", *(still if kept else [])]


def _visit(parsed: argparse.Namespace, job: Callable[[Work], T]) -> T:
    """Run one use case beside the bot."""
    config = load(parsed.config, environment())
    require_safe_directory(config.directory)

    async def visit() -> T:
        async with Database(config.database_path, slots, is_guest=True) as database:
            now = SystemClock().now()
            return await database.write(lambda tx: job(Work(tx, now, config.policy)))

    with open_keys(config, to_write=False) as slots:
        return asyncio.run(visit())


def _listed(holders: list[Keyholder]) -> list[str]:
    return [_line_of(holder) for holder in holders] or ["No key is enrolled."]


def _line_of(holder: Keyholder) -> str:
    return f"{holder.name} ({holder.role.value}): {holder.words}"


def _public(path: Path) -> Key:
    try:
        return identities.read_public(_text_of(path))
    except ExposedIdentityError:
        raise KeysError(
            f"{path} is a PRIVATE identity: delete this copy, have its owner make a new one,"
            " and enrol the public line alone."
        ) from None
    except MalformedKeyError as error:
        raise KeysError(f"{path} is no public line: {error}.") from None


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            written = file.read(identities.LONGEST + 1)
    except OSError:
        raise KeysError(f"{path} cannot be read.") from None
    if len(written) > identities.LONGEST:
        raise KeysError(f"{path} is too long to hold a key.")
    return written.decode("utf-8", "replace")
