"""The case is given out and verified, the roster destroyed, and the case still verifies."""

import asyncio
from pathlib import Path

from bot.bundles import export_case
from bot.rehearsal.acts.scene import TITLE, VIDEO, VOICE, Evening
from bot.rehearsal.promises import demand
from bot.unlocking import open_keys
from safety.people import Standing
from storage import people
from storage.database import Database
from storage.events import EVENTS
from storage.transaction import LockedError, Transaction
from storage.vault import verifier


async def record(evening: Evening) -> None:
    """Right after the attack: what happened is there without anybody typing it."""
    stage, aigul = evening.stage, evening.aigul
    with stage.promises.keeping("incident-by-itself"):
        await aigul.writes("/incidents")
        listed = await aigul.reads("incidents-title")
        kind = aigul.label("incident-kind-alarm")
        alarms = [label for label in listed.labels if kind in label]
        demand(alarms, f"no alarm is recorded: {listed.labels}")
        demand(alarms[0].startswith("?"), "it counts although nobody has confirmed it")
        await aigul.taps(alarms[0])
        await aigul.reads("incident-title-unconfirmed")
        await aigul.presses("button-incident-confirm")
        await aigul.reads("incident-title-confirmed")
        await stage.quiet()


async def play(evening: Evening) -> None:
    """Give out the case, forget the people, give it out again."""
    stage = evening.stage
    with stage.promises.keeping("bundle"):
        first = await _give_out(evening, "case")
        sent = {path.read_bytes() for path in first.glob("data/evidence/*")}
        demand(VIDEO in sent, "the video in the bundle is not the one that was sent")
        demand(VOICE in sent, "the voice message in the bundle is not the one that was sent")
    await _purge(evening)
    with stage.promises.keeping("roster-destroyed"):
        await _read_roster(evening)
    with stage.promises.keeping("case-outlives"):
        await _give_out(evening, "case-later")


async def _give_out(evening: Evening, name: str) -> Path:
    stage = evening.stage
    out = stage.outside / name
    with open_keys(stage.config, to_write=False) as slots:
        exported = await export_case(stage.config, slots, TITLE, out, stage.clock.now())
    demand(not exported.damaged, f"files are damaged: {exported.damaged}")
    stage.transcript.tell(f"aman export “{TITLE}”: {exported.records} records.")
    problems = await asyncio.to_thread(verifier.verify, out)
    words = verifier.describe(problems[0], "en") if problems else "Everything is in order."
    stage.transcript.tell(f"aman verify: {words}")
    demand(not problems, words)
    return out


async def _purge(evening: Evening) -> None:
    stage, aigul, dana = evening.stage, evening.aigul, evening.dana
    await aigul.writes("/purge")
    await aigul.reads("purge-choose")
    await aigul.taps(TITLE)
    await aigul.presses("button-purge")
    await dana.reads("proposal-purge")
    await dana.presses("button-proposal-confirm", place="")
    await dana.reads("purge-keys-gone")
    await stage.quiet()


async def _read_roster(evening: Evening) -> None:
    """Look into the database with an unlock secret, as whoever seizes everything could."""
    stage = evening.stage
    with open_keys(stage.config, to_write=False) as slots:
        async with Database(stage.config.database_path, slots, is_guest=True) as database:
            demand(not await database.read(_count_readable), "somebody of the roster can be read")
    for player in (evening.asel, evening.erik, evening.tim):
        demand(not player.phone.keyboard, f"{player.name} still has the key")
        left = [message.text for message in player.phone.messages if message.from_bot]
        demand(not left, f"{player.name}'s phone still shows: {left}")


def _count_readable(tx: Transaction) -> int:
    count = 0
    for event in EVENTS.find(tx, "1 = 1"):
        try:
            count += len(people.with_standing(tx, event.id, *Standing))
        except LockedError:
            continue
    return count
