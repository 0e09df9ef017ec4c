"""The place is entered late, takes two people, and is told in stages, to each person alone."""

from datetime import timedelta

from bot.rehearsal.acts.scene import (
    OLD_ADDRESS,
    OLD_AREA,
    OLD_PIN,
    OLD_POINT,
    START,
    VOICE_NUMBER,
    Evening,
)
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand

AREA_AT = START - timedelta(hours=24)
POINT_AT = START - timedelta(hours=3)


async def play(evening: Evening) -> None:
    """Enter the place, and let the first two stages come."""
    stage = evening.stage
    await stage.until(AREA_AT - timedelta(hours=2))
    await _enter(evening)
    await _confirm(evening)
    with stage.promises.keeping("no-early-place"):
        await stage.until(AREA_AT - timedelta(minutes=1))
        knows_nothing(evening, OLD_AREA, OLD_POINT, OLD_ADDRESS)
        nobody_can_show(evening)
    await stage.until(AREA_AT)
    await _learn_area(evening)
    with stage.promises.keeping("no-early-place"):
        knows_nothing(evening, OLD_POINT, OLD_ADDRESS)
    await _approve_late(evening)
    with stage.promises.keeping("no-early-place"):
        await stage.until(POINT_AT - timedelta(minutes=1))
        knows_nothing(evening, OLD_POINT, OLD_ADDRESS)
    await stage.until(POINT_AT)
    await _learn_point(evening)


def knows_nothing(evening: Evening, *places: str) -> None:
    """Make sure that none of these stands on a phone outside the ones that entered them.

    Raises:
        BrokenPromiseError: one does.
    """
    others = set(evening.everybody) - {evening.aigul, evening.dana, evening.nora}
    for player in others:
        for place in places:
            demand(not player.shows(place), f"{player.name} learned “{place}” too early")


def nobody_can_show(evening: Evening) -> None:
    """Make sure that no approved person has a place behind *Show*.

    Raises:
        BrokenPromiseError: somebody has.
    """
    for player in evening.approved:
        shows = any(player.label("button-show") in one.labels for one in player.phone.messages)
        demand(not shows, f"{player.name} was told something too early")


async def _enter(evening: Evening) -> None:
    aigul = evening.aigul
    await aigul.writes("/venue")
    await aigul.reads("venue-ask-area")
    await aigul.writes(OLD_AREA)
    await aigul.reads("venue-ask-point")
    await aigul.writes(OLD_POINT)
    await aigul.reads("venue-ask-pin")
    await aigul.phone.sends_location(*OLD_PIN)
    await aigul.reads("venue-ask-address")
    await aigul.writes(OLD_ADDRESS)
    await aigul.reads("venue-ask-address-pin")
    await aigul.presses("button-skip")
    times = await aigul.reads("venue-ask-times")
    await aigul.taps(times.labels[0])
    await aigul.reads("venue-summary")
    await aigul.presses("button-confirm")


async def _confirm(evening: Evening) -> None:
    stage, nora = evening.stage, evening.nora
    with stage.promises.keeping("two-for-venue"):
        await nora.reads("proposal-venue")
        await stage.quiet()
        names = ("Шолпан", "Айсұлу", "Ласточка", "Sparrowhawk", "Kingfisher")
        shown = any(nora.shows(place) for place in (OLD_AREA, OLD_POINT, OLD_ADDRESS))
        demand(not shown, "the deputy's phone shows the place before Show is pressed")
        await nora.presses("button-show")
        await nora.sees(OLD_ADDRESS)
        demand(not any(nora.shows(name) for name in names), "the deputy sees the roster")
        await nora.presses("button-proposal-confirm", place="")
        await nora.reads("proposal-confirmed")
        await stage.quiet()


async def _learn_area(evening: Evening) -> None:
    stage = evening.stage
    with stage.promises.keeping("place-protected"):
        for player in evening.approved:
            news = await player.reads_news()
            demand(OLD_AREA not in news.text, f"{player.name}'s message says the place at once")
            await _show(player, OLD_AREA)
            await player.sees(VOICE_NUMBER)
            await player.phone.has_key("SOS")


async def _show(player: Player, place: str) -> None:
    await player.presses("button-show")
    shown = await player.sees(place)
    demand(shown.is_protected, f"{player.name} could forward the place")


async def _approve_late(evening: Evening) -> None:
    """A place is free: Erik comes off the waiting list and learns the area at once."""
    stage, aigul, erik = evening.stage, evening.aigul, evening.erik
    with stage.promises.keeping("late-approval"):
        await aigul.writes("/people")
        await aigul.presses("people-button-waiting", number=1)
        await aigul.taps("Sparrowhawk")
        await aigul.presses("people-decide-approved")
        await erik.reads("registration-decision-approved")
        await erik.reads_news()
        await _show(erik, OLD_AREA)
        await stage.quiet()


async def _learn_point(evening: Evening) -> None:
    for player in (*evening.approved, evening.erik):
        await player.reads_news()
        await _show(player, OLD_POINT)
    await evening.asel.presses("button-checkin-on-the-way")
    await evening.kamila.presses("button-checkin-on-the-way")
    await evening.stage.quiet()
    if not _pins(evening.asel):  # a point on the map is never sent twice by itself
        await evening.asel.writes("/help")
        await evening.asel.taps(evening.asel.fragment("button-place-again"))
        await evening.stage.quiet()
    demand(_pins(evening.asel), "the pin did not come")


def _pins(player: Player) -> list[tuple[float, float]]:
    return [message.location for message in player.phone.messages if message.location]
