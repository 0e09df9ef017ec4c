"""The organizers ask the two words by voice, then decide; each person gets their own answer."""

from bot.rehearsal.acts.registering import words_of
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import bold_in
from bot.rehearsal.promises import demand

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
