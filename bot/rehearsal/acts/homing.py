"""The way home, the days after, and a visit that is reported in words and by voice."""

import asyncio
from datetime import timedelta

from bot.rehearsal.acts.scene import END, NEW_ADDRESS, NEW_AREA, NEW_POINT, VOICE, Evening
from bot.rehearsal.acts.venuing import knows_nothing
from bot.rehearsal.promises import demand

VISIT = "Двое в форме приходили домой, спрашивали родителей, ничего не оставили"


async def play(evening: Evening) -> None:
    """Bring everybody home, and ask again on the third day."""
    stage = evening.stage
    await stage.until(END + timedelta(hours=1))
    await _get_home(evening)
    await _release(evening)
    with stage.promises.keeping("places-gone"):
        await stage.until(END + timedelta(hours=15))
        knows_nothing(evening, NEW_AREA, NEW_POINT, NEW_ADDRESS)
    await stage.until(END + timedelta(days=3))
    with stage.promises.keeping("home"):
        for player in (evening.asel, evening.erik, evening.tim):
            await player.reads("aftercare-question")
        await evening.asel.presses("button-aftercare-fine")
        await evening.asel.reads("aftercare-fine")
    await _report(evening)


async def _get_home(evening: Evening) -> None:
    stage = evening.stage
    people = (evening.asel, evening.erik, evening.tim)
    with stage.promises.keeping("key-stays"):
        await evening.asel.phone.has_key("SOS")
    with stage.promises.keeping("home"):
        await asyncio.gather(*(player.reads("home-question") for player in people))
        for player in people:
            await player.presses("button-checkin-home")
        await stage.quiet()
    with stage.promises.keeping("key-stays"):
        for player in people:
            demand(not player.phone.keyboard, f"{player.name} is home and still has the key")


async def _release(evening: Evening) -> None:
    """Leila gets both out; their phones may be written to again once she says so."""
    stage, leila = evening.stage, evening.leila
    for number in (1, 2):
        card = leila.label("detention-number", number=number)
        await leila.presses_under(card, "detention-button-released")
        await stage.quiet()
        stage.transcript.tell("Leila calls, and hears the voice.")
        await leila.presses_under(card, "alarm-button-voice")
        await stage.quiet()
    await leila.writes("/case")
    await leila.reads("detention-list-none")
    await stage.quiet()


async def _report(evening: Evening) -> None:
    stage, madina = evening.stage, evening.madina
    with stage.promises.keeping("report"):
        since = madina.phone.moment
        await madina.writes("/report")
        await madina.reads("report-ask-what", since=since)
        await madina.writes(VISIT)
        card = await madina.reads("report-kept", since=since)
        number = "".join(filter(str.isdigit, card.text.splitlines()[0]))
        await madina.presses("report-quick-other")
        await madina.presses("button-page-after")
        await madina.presses("report-group-aftermath")
        await madina.reads("report-ask-type")
        await madina.phone.sends_voice(VOICE)
        await madina.reads("evidence-kept")
        await madina.presses("button-done")
        await stage.quiet()
        demand(not madina.shows(VISIT), "the report still stands in the chat")
        await evening.aigul.sees(evening.aigul.label("incident-news", number=number))
