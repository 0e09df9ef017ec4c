"""The organizers ask the two words by voice, then decide; each person gets their own answer."""

from bot.rehearsal.acts.registering import words_of
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import bold_in
from bot.rehearsal.promises import demand
from safety.practice import Page

APPROVED, WAITING, DECLINED = "approved", "waiting", "declined"


async def play(evening: Evening) -> None:
    """Decide about everybody who waits."""
    stage, aigul = evening.stage, evening.aigul
    decisions = {
        "Шолпан": (evening.asel, APPROVED),
        "Айсұлу": (evening.kamila, APPROVED),
        "Ласточка": (evening.madina, APPROVED),
        "Sparrowhawk": (evening.erik, WAITING),
        "Kingfisher": (evening.tim, DECLINED),
    }
    await aigul.writes("/people")
    await aigul.presses("people-button-queue")
    for _ in decisions:
        card = await aigul.reads("people-words")
        name = next((name for name in decisions if name in card.text), "")
        demand(name, "somebody waits whom nobody expects")
        player, decision = decisions[name]
        with stage.promises.keeping("two-words"):
            said = words_of(player)
            demand(bold_in(card) == said, f"{name} says other words than Aigul sees")
        stage.transcript.tell(f"Aigul calls {player.name}: “{words_of(player)}” — right.")
        await aigul.presses(f"people-decide-{decision}")
        with stage.promises.keeping("own-answer"):
            await player.reads(f"registration-decision-{decision}")
        await stage.quiet()
    await aigul.reads("people-title")
    await _practise(evening)


async def _practise(evening: Evening) -> None:
    """Somebody who was approved goes through the explanation, and presses once to try."""
    stage, asel = evening.stage, evening.asel
    before = {player.name: player.phone.moment for player in evening.woken}
    with stage.promises.keeping("practice"):
        await asel.presses("practice-button-begin")
        for page in list(Page)[:-1]:
            await asel.reads(f"practice-{page.value}")
            last = page is Page.TROUBLE
            await asel.presses(f"practice-button-{'press' if last else 'on'}")
        await asel.reads("practice-pressed")
        await stage.quiet()
        for player in evening.woken:
            alarm = player.fragment("alarm-card-number")
            rung = player.phone.newest(alarm, since=before[player.name])
            demand(rung is None, f"{player.name} was called by a practice press")
