"""Days before: would an alarm wake the team? Nobody but Aigul knows of it before it rings."""

from datetime import timedelta

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.promises import demand

ALL_ROUNDS = timedelta(minutes=6)
TELLING = ("alarm", "test", "тревог", "провер", "дабыл", "тексеру")  # not on a lock screen


async def play(evening: Evening) -> None:
    """Ring everybody but Aigul; Nora sleeps through it."""
    stage, aigul, nora = evening.stage, evening.aigul, evening.nora
    others = [player for player in evening.team if player is not aigul]
    with stage.promises.keeping("wake-test"):
        rung = len(nora.phone.lock_screen)
        await aigul.writes("/team")
        await aigul.presses("button-team-wake")
        await aigul.presses("wake-button-now")
        for player in others:
            await player.reads("wake-ring")
            first = player.phone.lock_screen[-1]
            told = [word for word in TELLING if word in first.lower()]
            demand(not told, f"a lock screen tells of it: {first}")
            if player is not nora:
                await player.presses("wake-button-awake")
                await player.reads("wake-over-awake")
        await stage.passes(ALL_ROUNDS)
        await nora.reads("wake-over-asleep")
        demand(len(nora.phone.lock_screen) > rung + 2, "whoever slept was rung once only")
        await aigul.writes("/team")
        await aigul.presses("button-team-wake")
        shown = await aigul.reads("wake-result")
        demand("4" in shown.text and "6" in shown.text, f"the result is wrong: {shown.text}")
    await stage.quiet()
