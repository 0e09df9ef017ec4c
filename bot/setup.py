"""What `aman init` and `aman owner-link` do: the first files, and the first organizer's link.

Everything is made for the owner alone (umask 077). Nothing that exists is overwritten.
"""

import argparse
import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import newsecret
from bot.app import make_bot
from bot.clock import SystemClock
from bot.config import (
    CONFIG_NAME,
    Config,
    ConfigError,
    environment,
    load,
    load_safe,
)
from bot.exits import DONE
from bot.hardening import PROC, lock_memory
from bot.mounts import find_lasting
from bot.outcomes import NO_SENSE
from bot.printing import say
from bot.template import TEMPLATE
from bot.unlocking import open_keys
from safety.people import Role, TeamId, Unprinted
from safety.team import TeamPerson, TeamState
from storage import tokens
from storage.database import Database
from storage.team import TEAM
from storage.tokens import Purpose
from storage.transaction import Transaction
from storage.vault import keyslots
from storage.vault.derivation import Parameters
from storage.vault.keyslots import KeySlots
from storage.vault.streams import write_whole

OWN_DIRECTORY = 0o700


class SetupError(ConfigError):
    """The set-up cannot go on; the text is one clear sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Made(Unprinted):
    """What `init` has made: where, and the words that are shown once."""

    config_path: Path
    directory: Path
    words: str


def init(parsed: argparse.Namespace) -> int:
    """Set up, and show the unlock secret this once."""
    made = set_up(parsed.dir, environment(), show=_show)
    if not parsed.yes:
        newsecret.check_note(made.words)
    for line in what_is_left(made):
        say(line)
    return DONE


def _show(made: Made) -> None:
    lock_memory()
    say(f"Configuration: {made.config_path}")
    say(f"Data:          {made.directory}")
    newsecret.show(made.words)


def what_is_left(made: Made, proc: Path = PROC) -> Iterator[str]:
    """Say what a person does next; first, where it should not stay as it is."""
    lasting = find_lasting(made.directory, proc)
    if lasting is not None:
        yield lasting.warning
    path = made.config_path
    named = "" if path.parent == Path() else f" --config {path}"
    yield f"Give a second person an unlock secret of their own: aman rekey --add NAME{named}."
    yield f"Next: put the bot's token into {path}, then:"
    yield f"aman owner-link{named}, aman run{named}."


def link(parsed: argparse.Namespace) -> int:
    """Print the first organizer's one-time link."""
    config = load_safe(parsed.config)
    bot = make_bot(config)
    life = timedelta(days=parsed.days)
    with open_keys(config, to_write=False) as slots:
        made = asyncio.run(owner_link(config, bot, slots, SystemClock().now(), life))
    say(made)
    return DONE


def set_up(
    folder: Path,
    surroundings: Mapping[str, str],
    parameters: Parameters | None = None,
    show: Callable[[Made], None] = lambda _made: None,
) -> Made:
    """Make configuration, data directory, keys and database in `folder`.

    `show` is called when all is made: without having seen the words nobody could ever open it.

    Raises:
        SetupError, ConfigError: something is there already, or cannot be made.
    """
    path = folder / CONFIG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole(path, TEMPLATE.encode())
        config = load(path, surroundings)
        if config.keys_path.exists() or config.database_path.exists():
            raise SetupError("There are keys or a database here already: nothing was changed.")
        config.directory.mkdir(mode=OWN_DIRECTORY, parents=True, exist_ok=True)
        config.directory.chmod(OWN_DIRECTORY)
        before = set(config.directory.iterdir())
        slots, secret = keyslots.create(config.keys_path, parameters or config.cost)
    except OSError:
        raise SetupError(f"Files cannot be made in {folder}.") from None
    with slots:
        made = Made(path, config.directory, secret.words())
        try:
            asyncio.run(_make_database(config.database_path, slots))
            show(made)
        except BaseException:  # nobody has seen the words that open these keys
            _take_back(config, before)
            raise
    return made


def _take_back(config: Config, before: Collection[Path]) -> None:
    """Leave nothing half made, so that it can be done again; what was there `before` stays."""
    database = config.database_path
    for path in (config.keys_path, *database.parent.glob(f"{database.name}*")):
        if path not in before:
            path.unlink(missing_ok=True)


async def _make_database(path: Path, slots: KeySlots) -> None:
    async with Database(path, slots):
        pass  # opening brings it to its first shape


async def owner_link(
    config: Config, bot: Bot, slots: KeySlots, now: datetime, life: timedelta
) -> str:
    """Make the one-time link whose first opener becomes an organizer; the bot may be running.

    Raises:
        ConfigError: the service cannot be asked for the bot's name, or refuses the token.
    """
    try:
        me = await bot.get_me()
    except InvalidToken:
        raise ConfigError("Telegram does not accept the bot token in [telegram].") from None
    except (TelegramError, *NO_SENSE):
        raise ConfigError(
            "Telegram could not be asked for the bot's name: see aman doctor."
        ) from None

    def issue(tx: Transaction) -> str:
        person = TeamPerson(
            TeamId(tx.new_id()), Role.ORGANIZER, TeamState.INVITED, "", now, link_until=now + life
        )
        TEAM.put(tx, person)
        return tokens.issue(tx, Purpose.OWNER, person.id, now + life)

    async with Database(config.database_path, slots, is_guest=True) as database:
        token = await database.write(issue)
    return f"https://t.me/{me.username}?start={token}"
