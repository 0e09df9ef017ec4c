"""Six people register in three languages, one of them withdraws, and one is seventeen."""

from dataclasses import dataclass

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.acts.words import bold_in
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand


@dataclass(frozen=True, slots=True)
class Sheet:
    """What somebody answers; None is *Skip*."""

    player: Player
    name: str
    needs: str | None
    consent: str
    contact: str | None = None
    sentence: str | None = None


async def play(evening: Evening) -> None:
    """Register everybody."""
    for sheet in (
        Sheet(evening.asel, "Шолпан", "баспалдақсыз кіреберіс", "lawyer-only"),
        Sheet(evening.kamila, "Айсұлу", None, "say-it-happened"),
        Sheet(
            evening.madina,
            "Ласточка",
            None,
            "name-me",
            "Сестра Рина, +7 700 555 11 22",
            "Она задерживается, позвоните утром",
        ),
        Sheet(evening.erik, "Sparrowhawk", "no nuts, please", "lawyer-only"),
        Sheet(evening.polina, "Незабудка", None, "lawyer-only"),
        Sheet(evening.tim, "Kingfisher", None, "lawyer-only"),
    ):
        await _register(evening, sheet)
    await _too_young(evening)
    await _withdraw(evening)


async def _register(evening: Evening, sheet: Sheet) -> None:
    player = sheet.player
    await player.opens(evening.invitations[player.name])
    await player.reads("registration-welcome")
    await player.presses("registration-button-begin")
    await player.reads("registration-ask-name")
    await player.writes(sheet.name)
    await player.reads("registration-ask-age")
    await player.presses("registration-age-adult")
    await player.reads("registration-ask-needs")
    await _answer(player, sheet.needs)
    await player.reads("registration-ask-consent")
    await player.presses(f"registration-consent-{sheet.consent}")
    await player.reads("registration-ask-contact")
    await _answer(player, sheet.contact)
    if sheet.sentence is not None:
        await player.reads("registration-ask-sentence")
        await player.writes(sheet.sentence)
    await player.reads("registration-words")
    await evening.stage.quiet()


async def _answer(player: Player, words: str | None) -> None:
    if words is None:
        await player.presses("button-skip")
    else:
        await player.writes(words)


async def _too_young(evening: Evening) -> None:
    aigul, dias = evening.aigul, evening.dias
    with evening.stage.promises.keeping("adults"):
        await dias.opens(evening.invitations["Dias"])
        await dias.presses("registration-button-begin")
        await dias.reads("registration-ask-name")
        await dias.writes("Дияс")
        await dias.reads("registration-ask-age")
        await dias.presses("registration-age-minor")
        await dias.reads("registration-too-young")
        await evening.stage.quiet()
        bot_side = [message for message in dias.phone.messages if message.from_bot]
        demand(len(bot_side) == 1, "more than the kind answer stays on the phone")
        demand(not dias.phone.shows("Дияс"), "what was answered stays on the phone")
        await aigul.writes("/people")
        numbers = await aigul.reads("people-title")
        nobody = aigul.label("people-count-invited", number=0)
        demand(nobody in numbers.text, "something was stored about somebody under 18")


async def _withdraw(evening: Evening) -> None:
    polina = evening.polina
    with evening.stage.promises.keeping("withdrawn"):
        await polina.writes("/leave")
        await polina.presses("registration-button-leave")
        await polina.reads("privacy-erased")
        await evening.aigul.reads("people-left")
        await evening.stage.quiet()
        demand(not polina.shows("Незабудка"), "what was answered stays on the phone")
        demand(not evening.aigul.shows("Незабудка"), "organizers learned who has left")


def words_of(player: Player) -> str:
    """Give the two words on somebody's phone."""
    message = player.phone.newest(player.fragment("registration-words"))
    return "" if message is None else bold_in(message)
