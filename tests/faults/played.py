"""The whole evening in a process of its own, to be watched; it says what must be nowhere.

The words are collected where they arise: what people wrote, who they are, what was sent to them in
secret, and the keys themselves. What the story leaves out is recorded as well, at its time.
"""

import asyncio
import io
import json
import logging
import struct
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

from bot import logs
from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal import evening as story
from bot.rehearsal.acts import homing, looking, moving, scene, venuing
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.opening import SPEED, TOKEN, open_stage
from bot.rehearsal.promises import Outcome
from bot.rehearsal.runner import run_here
from bot.rehearsal.stage import Runner
from bot.rehearsal.traces import SHORTEST
from bot.secondconfig import MailServer, Second, Security
from bot.unlocking import open_keys
from storage import connections
from storage.transaction import Connection
from storage.vault.keys import Key
from tests.bot.postoffice import PostOffice
from tests.faults import recordings

ALL = "all"
LEAK = "leak"  # a name is written down for a moment
BARE = "bare"  # rows and database lie there unsealed, and libraries say what they like in the log
ACTS = {ALL: len(story.ACTS), LEAK: 1, BARE: 1}  # how many are played
TAG_BYTES = 16  # of what is sealed
SPEED_WATCHED = 20.0  # seconds of the evening in a real one

RECORDED: dict[story.Act, story.Act] = {  # after which act
    venuing.play: recordings.before,
    homing.play: recordings.after,
}


class Marked:
    """Collects what must be nowhere while the evening goes on."""

    def __init__(self) -> None:
        self.texts: set[str] = {
            *(*looking.PLACES, *looking.NAMES, *looking.WORDS, TOKEN.split(":")[1]),
            *(moving.BUS_PLATE, moving.VAN_PLATE, scene.VOICE_NUMBER, scene.TITLE),
            *recordings.WORDS,
        }
        self.contents: set[bytes] = {scene.VIDEO[:32], scene.VOICE[:32], *recordings.CONTENTS}
        for number in (*scene.OLD_PIN, *scene.NEW_PIN):
            self.texts.add(str(number))
            self.contents |= {struct.pack("<d", number), struct.pack(">d", number)}

    def hear(self, happening: Happening) -> None:
        """Take what somebody wrote: each line, and of a command what came with it."""
        if happening.kind is not HappeningKind.WROTE:
            return
        for line in happening.text.splitlines():
            words = line.partition(" ")[2] if line.startswith("/") else line
            self.texts |= {words} if len(words) >= SHORTEST else set()

    def meet(self, evening: Evening) -> None:
        """Take who is there, and what opens everything."""
        for player in evening.everybody:
            self.texts.add(str(player.phone.user_id))
            self.texts |= {player.name} if len(player.name) >= SHORTEST else set()
        links = evening.invitations.values()
        self.texts |= {link.rsplit("=", maxsplit=1)[-1] for link in (*links, evening.owner_link)}
        config = evening.stage.config
        secret = (config.home / config.unlock_file).read_text(encoding="utf-8").split()
        pairs = pairwise(secret)
        self.texts |= {f"{one} {other}" for one, other in pairs}
        with open_keys(config, to_write=False) as slots:
            self.contents |= {key.reveal() for key in slots.keys.values()}


@dataclass(frozen=True, slots=True)
class Said:
    """How many of all promises were kept, and what must be nowhere; `contents` in hex."""

    kept: int
    all: int
    broken: list[str]
    texts: list[str]
    contents: list[str]


async def play(folder: Path, word: str, *, is_watched: bool = True) -> Said:
    """Play in `folder`, and give what must be nowhere else, and how many promises were kept.

    Being watched takes time: the evening goes slower then, and people are patient.
    """
    marked = Marked()
    speed = SPEED_WATCHED if is_watched else SPEED
    acts = story.ACTS[: ACTS[word]]
    if word == BARE:
        _unseal_everything()
    async with open_stage(
        folder, io.StringIO(), acts=len(acts), speed=speed, housed=_with_mail
    ) as opening:
        if word == BARE:
            _let_libraries_speak(opening.stage.logs / "bot.log")
        opening.stage.service.listen(marked.hear)
        evening = Evening.of(opening)
        for act in acts:
            opening.stage.is_patient = is_watched
            await story.play_act(evening, act)
            opening.stage.is_patient = True
            if act[1] in RECORDED:
                await RECORDED[act[1]](evening)
            marked.meet(evening)
        if word == LEAK:
            _leak(folder, evening.aigul.name)
        rows = opening.stage.promises.rows
    kept = [row.key for row in rows if row.outcome is Outcome.KEPT]
    broken = [row.key for row in rows if row.outcome is Outcome.BROKEN]
    contents = sorted(content.hex() for content in marked.contents)
    return Said(len(kept), len(rows), broken, sorted(marked.texts), contents)


@asynccontextmanager
async def _with_mail(
    config: Config, service: BotApiServer, clock: MovableClock, log_folder: Path
) -> AsyncIterator[Runner]:
    """Run the bot with a mail server: people give their addresses, and letters leave."""
    async with PostOffice().open() as office:
        server = MailServer("127.0.0.1", office.port, Security.NONE, "", "", "evening@example.org")
        second = Second(mail=server)
        policy = replace(config.policy, second_kinds=second.kinds)
        configured = replace(config, second=second, policy=policy)
        async with run_here(configured, service, clock, log_folder) as runner:
            yield runner


def _leak(folder: Path, name: str) -> None:
    """Write a name into a file that is gone a moment later."""
    with tempfile.TemporaryFile(dir=folder / "data") as file:
        file.write(b64encode(b"?" + name.encode()))


class _Transparent:
    """A cipher that hides nothing."""

    def encrypt(self, _nonce: bytes, content: bytes, _place: bytes) -> bytes:
        """Leave it as it is."""
        return content + bytes(TAG_BYTES)

    def decrypt(self, _nonce: bytes, content: bytes, _place: bytes) -> bytes:
        """Read it as it lies there."""
        return content[:-TAG_BYTES]


def _unseal_everything() -> None:
    """Take out what hides a row, and what hides the file that it is in."""

    def set_up(connection: Connection, key: Key) -> None:
        del key
        for name, value, _ in connections.PRAGMAS:
            connection.execute(f"PRAGMA {name} = {value}")

    Key.cipher = lambda _: _Transparent()  # type: ignore[assignment, method-assign, return-value] # in a program of its own
    connections.set_up = set_up


def _let_libraries_speak(log: Path) -> None:
    """Take out what leaves of a library's line its place alone."""
    root = logging.getLogger()
    root.handlers = [logging.FileHandler(log)]
    for logger in (root, *map(logging.getLogger, logs.HELD)):
        logger.setLevel(logging.DEBUG)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(play(Path(sys.argv[1]), sys.argv[2])))))
