"""The hotel cancels: one organizer holds, two move everybody, and the old place disappears."""

from datetime import timedelta

from bot.rehearsal.acts.scene import (
    NEW_ADDRESS,
    NEW_AREA,
    NEW_PIN,
    NEW_POINT,
    OLD_ADDRESS,
    OLD_AREA,
    OLD_POINT,
    START,
    Evening,
)
from bot.rehearsal.acts.venuing import knows_nothing, nobody_can_show
from bot.rehearsal.promises import demand

HELD_AT = START - timedelta(minutes=90)
ADDRESS_AT = START - timedelta(minutes=60)


async def play(evening: Evening) -> None:
    """Hold, move, and look at every phone."""
    stage, dana = evening.stage, evening.dana
    await stage.until(HELD_AT)
    with stage.promises.keeping("hold"):
        await dana.writes("/hold")
        await dana.reads("venue-ask-hold")
        await dana.presses("venue-reason-cancelled")
        for player in evening.approved:
            await player.reads("place-wait")
        await stage.until(ADDRESS_AT + timedelta(minutes=5))
        knows_nothing(evening, OLD_ADDRESS)
        nobody_can_show(evening)
    await _approve_during_hold(evening)
    before = len(stage.service.calls)
    await _relocate(evening)
    await _see_new_place(evening, before)


async def _approve_during_hold(evening: Evening) -> None:
    """Tim is approved after all; nothing is told to him while everything is held."""
    aigul, tim = evening.aigul, evening.tim
    await aigul.writes("/people")
    await aigul.presses("people-button-declined", number=1)
    await aigul.taps("Kingfisher")
    await aigul.presses("people-decide-approved")
    await tim.reads("registration-decision-approved")
    await evening.stage.quiet()


async def _relocate(evening: Evening) -> None:
    aigul, dana = evening.aigul, evening.dana
    await aigul.writes("/relocate")
    await aigul.reads("venue-ask-area")
    await aigul.writes(NEW_AREA)
    await aigul.reads("venue-ask-point")
    await aigul.writes(NEW_POINT)
    await aigul.reads("venue-ask-pin")
    await aigul.presses("button-skip")
    await aigul.reads("venue-ask-address")
    await aigul.writes(NEW_ADDRESS)
    await aigul.reads("venue-ask-address-pin")
    await aigul.phone.sends_location(*NEW_PIN)
    await aigul.reads("venue-ask-reason")
    await aigul.presses("venue-reason-cancelled")
    await aigul.reads("venue-summary")
    await aigul.presses("button-confirm")
    await dana.reads("proposal-relocate")
    await dana.presses("button-proposal-confirm", place="")
    await dana.reads("proposal-confirmed")


async def _see_new_place(evening: Evening, before: int) -> None:
    stage = evening.stage
    had_old = (*evening.approved, evening.erik)
    with stage.promises.keeping("old-place-first"):
        for player in had_old:
            await player.reads("place-changed")
        await evening.tim.reads_news()
        await stage.quiet()
        told = [call.chat_id for call in stage.service.calls[before:] if "send" in call.method]
        first = [told.index(player.phone.user_id) for player in had_old]
        demand(max(first) < told.index(evening.tim.phone.user_id), "somebody new was told first")
    for player in had_old[:-1]:
        await player.presses("button-show")
        await player.sees(NEW_ADDRESS)
        await player.presses("button-place-seen")
    await evening.timur.presses("button-show")
    await evening.timur.sees(NEW_ADDRESS)
    await stage.quiet()
    with stage.promises.keeping("old-place-gone"):
        knows_nothing(evening, OLD_AREA, OLD_POINT, OLD_ADDRESS)
