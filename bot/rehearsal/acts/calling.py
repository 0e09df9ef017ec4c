"""A roll call: whoever is silent is asked again, listed, and never counted as safe."""

from datetime import timedelta

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.promises import demand


async def play(evening: Evening) -> None:
    """Ask everybody; Erik does not answer."""
    stage, aigul, dana = evening.stage, evening.aigul, evening.dana
    asel, erik, tim = evening.asel, evening.erik, evening.tim
    await dana.presses("alarm-button-on-it")
    await aigul.writes("/rollcall")
    for player in (asel, erik, tim):
        await player.reads("rollcall-question")
    await asel.presses("button-checkin-safe")
    await tim.presses("button-checkin-safe")
    await stage.quiet()
    with stage.promises.keeping("silence-not-safe"):
        since = erik.phone.moment
        await stage.passes(timedelta(minutes=6))
        await erik.reads("rollcall-question", since=since)
        await dana.presses("alarm-button-on-it")  # she still is
        await stage.passes(timedelta(minutes=20))
        card = await aigul.reads("rollcall-title")
        await aigul.phone.presses(aigul.label("button-names"), message=card)
        names = await aigul.sees("Sparrowhawk")
        silent = names.text.split(aigul.fragment("rollcall-silent"))[-1]
        demand("Sparrowhawk" in silent, "the silent one is not listed as silent")
        demand("Kingfisher" not in silent, "somebody who answered is listed as silent")
    await erik.presses("button-checkin-safe")
    await stage.quiet()
