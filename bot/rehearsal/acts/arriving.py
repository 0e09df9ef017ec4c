"""People arrive and say so; the board shows numbers, and names only on a tap, for a minute."""

from datetime import timedelta

from bot.rehearsal.acts.scene import START, Evening
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand


async def play(evening: Evening) -> None:
    """Let three arrive, one be on the way, and one say nothing."""
    stage, aigul, timur = evening.stage, evening.aigul, evening.timur
    await stage.until(START - timedelta(minutes=20))
    await aigul.writes("/board")
    await timur.writes("/board")
    for player in evening.approved:
        await player.presses("button-checkin-here")
        await player.reads("checkin-said-here")
    await evening.erik.presses("button-checkin-on-the-way")
    await stage.quiet()
    with stage.promises.keeping("board"):
        for player in (aigul, timur):
            await _sees_numbers(player)
        await _see_names(evening)


async def _sees_numbers(player: Player) -> None:
    board = await player.reads("board-updated")
    for section, number in (("expected", 5), ("here", 3), ("on-the-way", 1), ("unanswered", 1)):
        line = player.label(f"board-{section}", number=number)
        demand(line in board.text, f"{player.name}'s board does not say “{line}”: {board.text}")


async def _see_names(evening: Evening) -> None:
    stage, aigul = evening.stage, evening.aigul
    await aigul.presses("button-names")
    await aigul.presses("board-here", number=3)
    await aigul.sees("Ласточка")
    await stage.quiet()
    await stage.passes(timedelta(minutes=2))
    demand(not aigul.shows("Ласточка"), "the names are still there after two minutes")
