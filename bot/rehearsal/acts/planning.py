"""An event is planned by buttons and by typing, with a restart in the middle of the questions."""

from bot.rehearsal.acts import waking
from bot.rehearsal.acts.scene import CITY, START, TITLE, VOICE_NUMBER, Evening
from bot.rehearsal.promises import demand


async def play(evening: Evening) -> None:
    """Have Aigul plan the event."""
    stage, aigul = evening.stage, evening.aigul
    await aigul.writes("/event")
    await aigul.reads("event-ask-title")
    await aigul.writes(TITLE)
    await aigul.reads("event-ask-city")
    await aigul.writes(CITY)
    await aigul.reads("event-ask-date")
    await aigul.writes("the day after tomorrow")
    await aigul.reads("event-day-unreadable")
    await aigul.writes(START.strftime("%d.%m"))
    await aigul.reads("event-ask-start")
    await stage.quiet()
    with stage.promises.keeping("form-survives"):
        stage.transcript.tell("The bot is stopped and started again in the middle of the form.")
        await stage.restarts()
        await aigul.taps("18:00")
        await aigul.reads("event-ask-end")
    await aigul.taps("21:00")
    await aigul.reads("event-ask-zone")
    await aigul.taps("Asia/Almaty")
    await aigul.reads("event-ask-capacity")
    await aigul.writes("a few")
    await aigul.reads("event-capacity-unreadable")
    await aigul.taps("20")
    await aigul.reads("event-ask-language")
    await aigul.taps("Русский")
    await aigul.reads("event-ask-number")
    await aigul.writes(VOICE_NUMBER)
    summary = await aigul.reads("event-summary")
    demand(TITLE in summary.text and "18:00" in summary.text, "the summary is not what was said")
    await aigul.presses("button-confirm")
    await stage.quiet()
    await waking.play(evening)
