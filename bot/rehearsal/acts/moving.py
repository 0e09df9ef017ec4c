"""People are moved in three groups; two are taken, one says so and one is seen."""

from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.botapi.screens import SeenMessage
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import demand

BUS_PLATE, VAN_PLATE = "417 KZA 02", "902 ALM 02"


async def play(evening: Evening) -> None:
    """Split the group, and lose two."""
    stage, timur = evening.stage, evening.timur
    await timur.writes("/board")
    await _group(evening, "bus", BUS_PLATE, "3")
    await _put_in(evening, f"1. {timur.label('group-kind-bus')}", "Шолпан", "Sparrowhawk")
    await _group(evening, "minivan", VAN_PLATE, "1")
    await _put_in(evening, f"2. {timur.label('group-kind-minivan')}", "Kingfisher")
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


async def _group(evening: Evening, kind: str, plate: str, heads: str) -> None:
    timur = evening.timur
    await timur.presses("button-groups")
    await timur.presses("button-group-new")
    await timur.reads("group-ask-kind")
    await timur.presses(f"group-kind-{kind}")
    await timur.reads("group-ask-plate")
    await timur.writes(plate)
    await timur.reads("group-ask-heads")
    await timur.writes(heads)
    await timur.reads("group-pick")


async def _put_in(evening: Evening, group: str, *names: str) -> None:
    """Tap the names of whoever leaves with this group."""
    stage, timur = evening.stage, evening.timur
    await stage.quiet()
    for name in names:
        messages = reversed(timur.phone.messages)
        listed = next((one for one in messages if _lists(one, group)), None)
        demand(listed, f"the names for “{group}” are not there")
        await timur.phone.presses(name, message=listed)
        await stage.quiet()


def _lists(message: SeenMessage, group: str) -> bool:
    return message.text.startswith(group) and bool(message.labels)


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
