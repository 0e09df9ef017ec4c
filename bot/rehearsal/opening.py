"""Setting up a rehearsal: fresh keys and database, the service, and the bot on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from bot import config as configuration
from bot import logs
from bot.app import make_bot
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.promises import Promises
from bot.rehearsal.runner import Housing, run_here
from bot.rehearsal.stage import Stage
from bot.rehearsal.transcript import Transcript
from bot.setup import owner_link, set_up
from bot.unlocking import open_keys
from handlers.texts import Texts
from storage.vault import derivation
from storage.vault.keyslots import KeySlots

TOKEN = "7001002003:AAF-rehearsed_token-rehearsed_token"  # noqa: S105 - of no bot at all
USERNAME = "EveningTeaBot"
DISPLAY_NAME = "Evening"
ZONE = ZoneInfo("Asia/Almaty")
BEGINS = datetime(2027, 5, 25, 10, 0, tzinfo=ZONE)
SPEED = 40.0  # seconds of the evening in a second of the machine's, besides the jumps
LINK_LIFE = timedelta(days=2)

_CONFIG = """\
[telegram]
token = "{token}"
api_url = "{url}"

[vault]
unlock = "file"
unlock_file = "unlock.words"

[community]
display_name = "{name}"
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """A stage that is set, and the first organizer's link."""

    stage: Stage
    owner_link: str


def prepare(directory: Path, url: str) -> Config:
    """Do what `aman init` does, for a service at `url`; not to be called inside a running loop."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "config.toml"
    path.touch(0o600)
    path.write_text(_CONFIG.format(token=TOKEN, url=url, name=DISPLAY_NAME), encoding="utf-8")
    words = directory / "unlock.words"
    words.touch(0o600)
    made = set_up(directory, {}, derivation.FLOOR)  # of an evening that is thrown away
    words.write_text(made.words, encoding="utf-8")
    return configuration.load(path, {})


@asynccontextmanager
async def open_stage(
    directory: Path,
    stream: TextIO,
    *,
    acts: int,
    speed: float = SPEED,
    housed: Housing = run_here,
) -> AsyncIterator[Opening]:
    """Set the stage in `directory`: the service listens and the bot runs when this is entered.

    `housed` says where the bot runs: here, or in a process of its own where it can be killed.
    """
    clock = MovableClock(BEGINS, speed)
    transcript = Transcript(stream, ZONE, acts)
    log_folder = directory / "log"
    log_folder.mkdir()
    with (log_folder / "bot.log").open("a", encoding="utf-8") as log:
        logs.set_up(log, SystemClock(), is_verbose=True)
        async with BotApiServer(
            token=TOKEN, username=USERNAME, clock=clock, name=DISPLAY_NAME
        ) as service:
            service.listen(transcript.note)
            service.profile.can_join_groups = False
            config = await asyncio.to_thread(prepare, directory, service.url)
            with open_keys(config) as slots:
                link = await first_link(config, slots, clock.now())
            async with housed(config, service, clock, log_folder) as runner:
                stage = Stage(
                    service=service,
                    runner=runner,
                    clock=clock,
                    transcript=transcript,
                    promises=Promises(),
                    texts=Texts.load(default=config.policy.default_language),
                    config=config,
                    logs=log_folder,
                    outside=directory,
                    zone=ZONE,
                )
                await runner.start()
                yield Opening(stage, link)
                await runner.stop()


async def first_link(config: Config, slots: KeySlots, now: datetime) -> str:
    """Do what `aman owner-link` does."""
    async with make_bot(config) as bot:
        return await owner_link(config, bot, slots, now, LINK_LIFE)
