"""After all: what strangers, lock screens, logs and files have learned. Nothing."""

from bot.rehearsal.acts import moving, scene
from bot.rehearsal.acts.homing import VISIT
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.opening import TOKEN
from bot.rehearsal.promises import demand
from bot.rehearsal.traces import find_traces
from handlers.buttons import Payload, payload_kinds

PLACES = (
    scene.OLD_AREA,
    scene.OLD_POINT,
    scene.OLD_ADDRESS,
    scene.NEW_AREA,
    scene.NEW_POINT,
    scene.NEW_ADDRESS,
)
NAMES = ("Шолпан", "Айсұлу", "Ласточка", "Sparrowhawk", "Kingfisher", "Незабудка")
TELLING = (  # what would say on a locked phone who somebody is, or what they belong to
    *("friend ", "Aigul", "Nora", "Timur", "Leila", "Saule", "organizer", "Alarm at"),
    *("Organizer", "Steward", "registered", "зарегистрир", "тіркел", "waiting list"),
)
WORDS = ("баспалдақсыз", "Сестра Рина", "Она задерживается", "белая машина", VISIT)


async def play(evening: Evening) -> None:
    """Let a stranger try everything, then look everywhere."""
    stage = evening.stage
    await _try_as_a_stranger(evening)
    with stage.promises.keeping("quiet-lock-screen"):
        for player in evening.everybody:
            shown = "\n".join(player.phone.lock_screen)
            for marker in (*PLACES, *NAMES, scene.TITLE, scene.CITY, *TELLING):
                demand(marker not in shown, f"{player.name}'s lock screen shows “{marker}”")
    look_for_traces(evening)
    with stage.promises.keeping("official-api"):
        service = stage.service
        demand(not service.violations, "\n".join(service.violations[:3]))
        demand(not service.flood_refusals, f"{service.flood_refusals} times too many")


def look_for_traces(evening: Evening) -> None:
    """Search the data directory and the log for everything that must not be readable there."""
    stage = evening.stage
    people = [str(player.phone.user_id) for player in evening.everybody]
    links = [link.rsplit("=", maxsplit=1)[-1] for link in evening.invitations.values()]
    plates = (moving.BUS_PLATE, moving.VAN_PLATE, scene.VOICE_NUMBER)
    secret = TOKEN.split(":")[1]
    markers = (*PLACES, *NAMES, *WORDS, *plates, secret, scene.TITLE, *people, *links)
    with stage.promises.keeping("no-traces"):
        found = find_traces(stage.config.directory, markers)
        found += find_traces(stage.logs, markers)
        demand(not found, "; ".join(found))


async def _try_as_a_stranger(evening: Evening) -> None:
    stage, viktor = evening.stage, evening.viktor
    with stage.promises.keeping("strangers"):
        for words in ("sos", "/people", "/board", "помогите", "/sos", "/event"):
            await viktor.writes(words)
        for kind in payload_kinds():
            await viktor.phone.forges(_forged(kind), 1)
        await stage.quiet()
        sentence = viktor.fragment("not-allowed")
        outdated = viktor.fragment("outdated-press")
        told = {message.text for message in viktor.phone.messages if message.from_bot}
        demand(told <= {sentence}, f"the stranger was told: {told}")
        alerts = set(viktor.phone.alerts)
        demand(alerts <= {sentence, outdated}, f"the stranger was told: {alerts}")


def _forged(kind: type[Payload]) -> str:
    return "|".join((kind.code, *("1" for _ in kind.__annotations__ if _ != "code")))
