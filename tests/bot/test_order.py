"""Over HTTP: a call for help passes what the same person said before it, which calms nothing."""

from pathlib import Path

from tests.hostile.siege import Siege, besieged

OTHERS = 40  # people whose texts wait too
UNHEARD = "Not confirmed: nobody has heard the voice"


async def _calls(siege: Siege, *said: str) -> None:
    """Have somebody say this at once, behind many others, before the bot hears any of it."""
    for one in siege.cast.outside[:OTHERS]:
        await siege.service.person(one.user_id, "Somebody").writes("/help")
    for text in said:
        await siege.service.phone(siege.cast.callers[1]).writes(text)
    await siege.calms()


async def test_safe_said_before_a_call_calms_nothing_though_it_is_handled_after_it(
    tmp_path: Path, seed: int
) -> None:
    """The alarm overtakes the older word, which finds it there and leaves it as it is."""
    async with besieged(tmp_path, seed, speed=1.0) as siege:
        await _calls(siege, "/safe", "sos")
        organizer = siege.service.phone(siege.cast.organizer)
        await organizer.sees("Alarm 2")
        assert not organizer.shows(UNHEARD)


async def test_safe_said_after_a_call_is_shown_as_not_confirmed(tmp_path: Path, seed: int) -> None:
    """Later words are told to the team, and a voice has still to be heard."""
    async with besieged(tmp_path, seed, speed=1.0) as siege:
        await _calls(siege, "sos", "/safe")
        await siege.service.phone(siege.cast.organizer).sees(UNHEARD)
