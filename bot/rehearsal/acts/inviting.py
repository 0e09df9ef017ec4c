"""Everybody is invited in person, by a link of their own; a wrong link tells nobody anything."""

from datetime import timedelta

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import link_in
from bot.rehearsal.promises import demand

GUESSED = "AAAAAAAAAAAAAAAAAAAAAAAA"


async def play(evening: Evening) -> None:
    """Make the invitations, and try wrong ones."""
    stage = evening.stage
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
    await _try_bad_links(evening)
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
    message = await aigul.sees(f"For {label}")
    await evening.stage.quiet()
    return link_in(message)


async def _try_bad_links(evening: Evening) -> None:
    stage, viktor = evening.stage, evening.viktor
    revoked = await _invite(evening, "somebody by mistake")
    await evening.aigul.presses("invitation-button-list")
    await evening.aigul.reads("invitation-list")
    await stage.quiet()
    listed = evening.aigul.phone.newest(evening.aigul.fragment("invitation-list"))
    last = [message for message in evening.aigul.phone.messages if message.from_bot][-1]
    await _press_last(evening, (listed or last).message_id)
    with stage.promises.keeping("bad-links"):
        heard = set()
        for link in (revoked, GUESSED, evening.owner_link):
            await stage.passes(timedelta(minutes=11))  # a stranger is answered once in a while
            since = viktor.phone.moment
            await viktor.opens(link)
            heard.add((await viktor.reads("not-allowed", since=since)).text)
        demand(len(heard) == 1, "bad links are told apart")


async def _press_last(evening: Evening, message_id: int) -> None:
    """Take back the invitation that was made last: the lowest button of the list."""
    aigul = evening.aigul
    label = aigul.label("invitation-button-revoke")
    message = next(one for one in aigul.phone.messages if one.message_id == message_id)
    rows = [row for row in message.buttons if any(button.label == label for button in row)]
    payload = next(button.callback_data for button in rows[-1] if button.label == label)
    await aigul.phone.forges(payload or "", message_id)
    await aigul.phone.is_told(aigul.label("invitation-revoked"))
