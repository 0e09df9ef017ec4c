"""`aman rehearse`: the whole evening told as it happens, or everyone's phones to play by hand."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.listener import HOST, Listener
from bot.printing import say
from bot.rehearsal.evening import ACTS, play
from bot.rehearsal.opening import ZONE, open_stage
from bot.rehearsal.page.server import PhonesPage
from safety.languages import Language

KEPT, BROKEN = 0, 1
REAL_TIME = 1.0  # by hand, a second is a second


def run(parsed: argparse.Namespace) -> int:
    """Rehearse; 0 only if every promise of the story held."""
    with _directory(parsed.keep) as directory:
        if parsed.serve:
            with suppress(KeyboardInterrupt):
                asyncio.run(_serve(directory))
            return KEPT
        return KEPT if asyncio.run(rehearse(directory)) else BROKEN


async def rehearse(directory: Path) -> bool:
    """Play the evening in `directory`, tell it as it happens, and say whether all was kept."""
    async with open_stage(directory, sys.stdout, acts=len(ACTS)) as opening:
        await play(opening)
        promises = opening.stage.promises
        opening.stage.transcript.table(promises.rows)
        return promises.are_kept


async def _serve(directory: Path) -> None:
    async with open_stage(directory, sys.stdout, acts=1, speed=REAL_TIME) as opening:
        stage = opening.stage
        first = stage.player(1001, "Aigul", Language.EN)
        page = PhonesPage(stage.service, stage.clock, ZONE)
        listener = Listener(page.application, 0)
        await listener.open()
        try:
            say(f"\nEveryone's phones: http://{HOST}:{listener.port}{page.path_with_key}")
            say(f"Paste this on {first.name}'s phone: {opening.owner_link}")
            say("End with Ctrl-C.\n")
            await asyncio.Event().wait()
        finally:
            await listener.close()


@contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, mode=0o700, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        yield Path(folder)
