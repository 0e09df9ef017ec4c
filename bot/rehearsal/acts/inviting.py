"""Everybody is invited in person, by a link of their own; a wrong link tells nobody anything."""

from datetime import timedelta

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import link_in
from bot.rehearsal.promises import demand

GUESSED = "AAAAAAAAAAAAAAAAAAAAAAAA"


async def play(evening: Evening) -> None:
    """Make the invitations, and try wrong ones."""
    stage = evening.stage
    await _try_bad_links(evening)
    for player in (
        evening.asel,
        evening.kamila,
        evening.madina,
        evening.erik,
        evening.polina,
        evening.tim,
        evening.dias,
    ):
        evening.invitations[player.name] = await _invite(evening, f"friend {player.name}")
    with stage.promises.keeping("bound-invitation"):
        await evening.asel.opens(evening.invitations["Asel"])
        await evening.asel.reads("registration-welcome")
        await evening.viktor.opens(evening.invitations["Asel"])
        await evening.aigul.reads("invitation-tried")
        await stage.quiet()
        demand(not evening.viktor.shows("friend"), "the second account learned something")


async def _invite(evening: Evening, label: str) -> str:
    aigul = evening.aigul
    await aigul.writes("/invite")
    await aigul.reads("invitation-ask-label")
    await aigul.writes(label)
    message = await aigul.sees(f"\n{label}\n")
    await evening.stage.quiet()
    return link_in(message)


async def _try_bad_links(evening: Evening) -> None:
    stage, viktor = evening.stage, evening.viktor
    revoked = await _invite(evening, "somebody by mistake")
    await evening.aigul.presses("invitation-button-list")
    await evening.aigul.presses("invitation-button-revoke")
    await evening.aigul.reads("invitation-none")
    with stage.promises.keeping("bad-links"):
        heard = set()
        for link in (revoked, GUESSED, evening.owner_link):
            await stage.passes(timedelta(minutes=11))  # a stranger is answered once in a while
            since = viktor.phone.moment
            await viktor.opens(link)
            heard.add((await viktor.reads("not-allowed", since=since)).text)
        demand(len(heard) == 1, "bad links are told apart")
