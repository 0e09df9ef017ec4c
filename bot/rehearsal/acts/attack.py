"""The attack: one presses the key, another one writes, and the right people know at once."""

import asyncio
from datetime import datetime, timedelta

from bot.rehearsal.acts.scene import START, VIDEO, Evening
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand

WHERE = (43.2402, 76.8605)
SINCE_START = timedelta(minutes=40)
RINGS_EVERY = timedelta(seconds=30)
DEPUTIES_AFTER = timedelta(seconds=90)


async def play(evening: Evening) -> None:
    """Let it happen, forty minutes into the evening."""
    await evening.stage.until(START + SINCE_START)
    await _press_the_key(evening)
    await _answer(evening)
    await _send_what_happens(evening)
    called = evening.stage.clock.now()
    await _join(evening)
    await _ring_again(evening, called)
    await _escalate(evening)
    await _hand_on(evening)
    await _take_back(evening)
    await _hear_kamila(evening)
    await evening.stage.quiet()


async def call_without_an_event(evening: Evening) -> None:
    """Before anything is planned, the medic calls for help on the way home."""
    stage, saule, aigul = evening.stage, evening.saule, evening.aigul
    with stage.promises.keeping("team-alarm"):
        await saule.writes("/sos")
        await saule.reads("alarm-mine-received")
        await aigul.reads("alarm-card-since")
        await aigul.presses("alarm-button-on-it")
        await saule.reads("alarm-mine-seen")
        await aigul.presses("alarm-button-resolve")
        await aigul.presses("alarm-button-real")
        await saule.reads("alarm-mine-closed")
    await stage.quiet()


async def _press_the_key(evening: Evening) -> None:
    stage, asel = evening.stage, evening.asel
    with stage.promises.keeping("key-stays"):
        await asel.phone.has_key("SOS")
    with stage.promises.keeping("alarm-at-once"):
        since = {player.name: player.phone.moment for player in evening.woken}
        before = len(stage.service.calls)
        await asel.taps("SOS")
        await asel.reads("alarm-mine-received")
        await asyncio.gather(
            *(
                player.reads("alarm-card-since", since=since[player.name])
                for player in evening.woken
            )
        )
        sent = [call for call in stage.service.calls[before:] if call.method == "sendMessage"]
        told = list(dict.fromkeys(call.chat_id for call in sent))
        woken = {player.phone.user_id for player in evening.woken}
        demand(woken <= set(told[: len(woken) + 1]), "something else went out before the alarm")


async def _answer(evening: Evening) -> None:
    stage, asel, timur = evening.stage, evening.asel, evening.timur
    await timur.presses("button-show")
    await timur.sees("Шолпан")
    await timur.presses("alarm-button-on-it")
    with stage.promises.keeping("seen-not-promised"):
        await asel.reads("alarm-mine-seen")
        for player in (evening.aigul, evening.leila):
            await player.sees("Timur")
        coming = ("on the way to you", "is coming", "едет", "идёт к вам", "келе жатыр")
        told = " ".join(message.text for message in asel.phone.messages if message.from_bot)
        demand(not any(words in told for words in coming), "help was promised")


async def _send_what_happens(evening: Evening) -> None:
    asel = evening.asel
    await asel.phone.sends_location(*WHERE)
    await asel.phone.sends_video(VIDEO, "what-happens.mp4")
    await evening.aigul.reads("alarm-card-files", number=1)
    await asel.reads("evidence-kept")


async def _join(evening: Evening) -> None:
    stage, kamila, madina = evening.stage, evening.kamila, evening.madina
    with stage.promises.keeping("alarm-joins"):
        await madina.writes("помогите зарегистрироваться")
        await madina.reads("alarm-ask")
        await madina.presses("alarm-button-no")
        await madina.reads("alarm-no-help")
        await kamila.writes("Көмектесіңдерші, бізді ұрып жатыр!")
        await kamila.reads("alarm-mine-received")
        for player in (evening.aigul, evening.saule):
            await player.reads("alarm-card-callers", number=2)
        numbers = {_alarm_number(evening, player.phone.user_id) for player in evening.woken}
        demand(len(numbers) == 1, f"the second call opened another alarm: {numbers}")


def _alarm_number(evening: Evening, user_id: int) -> str:
    player = next(one for one in evening.team if one.phone.user_id == user_id)
    card = player.phone.newest(player.fragment("alarm-card-since"))
    return "" if card is None else "".join(filter(str.isdigit, card.text.splitlines()[0]))


async def _ring_again(evening: Evening, called: datetime) -> None:
    stage, leila, nora = evening.stage, evening.leila, evening.nora
    with stage.promises.keeping("ring-again"):
        await stage.quiet()
        for _ in range(2):
            rung = _rings(leila)
            await stage.passes(RINGS_EVERY)
            demand(_rings(leila) > rung, "the lawyer was not rung again")
        is_early = stage.clock.now() - called < DEPUTIES_AFTER  # not so where all took long
        is_rung = nora.shows(nora.fragment("alarm-card-since"))
        demand(not (is_early and is_rung), "the deputy was rung too early")


async def _escalate(evening: Evening) -> None:
    stage, nora = evening.stage, evening.nora
    with stage.promises.keeping("escalation"):
        since = nora.phone.moment
        await stage.passes(RINGS_EVERY)
        await nora.reads("alarm-card-since", since=since)


async def _hand_on(evening: Evening) -> None:
    stage, leila, nora = evening.stage, evening.leila, evening.nora
    with stage.promises.keeping("handed-on"):
        rung = _rings(nora)
        await leila.presses("alarm-button-hand-on")
        await leila.phone.is_told(leila.fragment("alarm-handed-goes-on"))
        await stage.quiet()
        demand(_rings(nora) > rung, "handing on rang nobody")
        rung = _rings(leila)
        await stage.passes(RINGS_EVERY)
        demand(_rings(leila) == rung, "the lawyer was rung although she had handed it on")
        await evening.kamila.reads("alarm-mine-handed-on")
        await evening.dana.presses("alarm-button-on-it")
        await evening.kamila.reads("alarm-mine-seen")
        rung = _rings(nora)
        await stage.passes(RINGS_EVERY)
        demand(_rings(nora) == rung, "the deputy was rung although somebody is on it")


def _rings(player: Player) -> int:
    return len(player.phone.lock_screen)


async def _take_back(evening: Evening) -> None:
    stage, kamila, aigul = evening.stage, evening.kamila, evening.aigul
    with stage.promises.keeping("mistake-unverified"):
        await kamila.presses("alarm-button-mistake")
        await kamila.reads("alarm-mine-mistake")
        await aigul.reads("alarm-card-unheard", number=1)
        await stage.quiet()
        await aigul.presses("alarm-button-resolve")
        await aigul.phone.is_told(aigul.fragment("alarm-voice-first"))


async def _hear_kamila(evening: Evening) -> None:
    """Dana calls Kamila, whose voice says that it was no mistake."""
    stage, dana = evening.stage, evening.dana
    stage.transcript.tell("Dana calls Kamila, and hears that she needs help.")
    await dana.presses("alarm-button-voice-of", caller=2)
    await dana.presses("alarm-button-voice-help")
    await stage.quiet()


async def close(evening: Evening) -> None:
    """Hours later Aigul has heard Asel's voice, too, and the alarm is closed."""
    stage, aigul, asel = evening.stage, evening.aigul, evening.asel
    await aigul.presses("alarm-button-on-it")  # or the next ring takes the question off her card
    stage.transcript.tell("Aigul calls Asel, and hears that she is safe.")
    await aigul.presses("alarm-button-voice-of", caller=1)
    await aigul.presses("alarm-button-voice-safe")
    await stage.quiet()
    await aigul.presses("alarm-button-resolve")
    await aigul.presses("alarm-button-real")
    await asel.reads("alarm-mine-closed")
    await stage.quiet()
