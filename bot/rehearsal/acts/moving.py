"""People are moved in three groups; two are taken, one says so and one is seen."""

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand

BUS_PLATE, VAN_PLATE = "417 KZA 02", "902 ALM 02"


async def play(evening: Evening) -> None:
    """Split the group, and lose two."""
    stage, timur = evening.stage, evening.timur
    await timur.writes("/board")
    await _group(evening, "bus", BUS_PLATE, "3", ("Шолпан", "Sparrowhawk"))
    await _group(evening, "minivan", VAN_PLATE, "1", ("Kingfisher",))
    with stage.promises.keeping("unseen-listed"):
        await timur.presses("button-groups")
        await timur.sees(timur.label("board-unseen", number=2))
        await stage.quiet()
    await _say_taken(evening)
    await _see_taken(evening)
    with stage.promises.keeping("lawyer-knows"):
        leila = evening.leila
        await leila.writes("/case")
        await leila.reads("detention-list-held", number=2)
        for number in (1, 2):
            card = leila.label("detention-number", number=number)
            await leila.presses_under(card, "alarm-button-on-it")
            await stage.quiet()


async def _group(
    evening: Evening, kind: str, plate: str, heads: str, names: tuple[str, ...]
) -> None:
    stage, timur = evening.stage, evening.timur
    await timur.presses("button-groups")
    await timur.presses("button-group-new")
    await timur.reads("group-ask-kind")
    await timur.presses(f"group-kind-{kind}")
    await timur.reads("group-ask-plate")
    await timur.writes(plate)
    await timur.reads("group-ask-heads")
    await timur.writes(heads)
    await timur.reads("group-pick")
    for name in names:
        await timur.taps(name)
        await timur.sees("")
        await stage.quiet()


async def _say_taken(evening: Evening) -> None:
    stage, madina = evening.stage, evening.madina
    with stage.promises.keeping("taken"):
        await madina.writes("/taken")
        await stage.quiet()
        _is_empty(madina)
        await madina.writes("кто это?")
        await madina.writes("/help")
        await stage.quiet()
        _is_empty(madina)


async def _see_taken(evening: Evening) -> None:
    """Timur sees Kamila being led into a car, and marks it."""
    stage, timur, kamila = evening.stage, evening.timur, evening.kamila
    await timur.writes("/mark")
    await timur.reads("mark-whom")
    await timur.taps("Айсұлу")
    await timur.presses("mark-button-taken")
    await timur.reads("mark-ask-place")
    await timur.writes("на углу, белая машина без номеров")
    await timur.reads("mark-ask-when")
    await timur.presses("mark-now")
    await stage.quiet()
    with stage.promises.keeping("taken"):
        _is_empty(kamila)


def _is_empty(player: Player) -> None:
    left = [message.text for message in player.phone.messages]
    demand(not left, f"{player.name}'s phone still shows: {left}")
    demand(not player.phone.keyboard, f"{player.name}'s phone still has the key")
