"""Whose updates these are: what they write, what they press, and from which chat.

Of a button only the callback data reaches the bot, so whoever likes can send any: of every kind,
with the ids of rows that are there, with others, and with bytes of no meaning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random
from typing import get_type_hints

from handlers.buttons import Payload, pack, unpack
from handlers.routes import TABLE
from safety.alarmwords import AlarmLikeness, classify
from safety.people import Role
from safety.permissions import ALLOWED, Action
from tests.hostile.shapes import MARKER, Shaper, Tree

ALARM_WORDS = ("sos", "SOS!!!", "help me", "помогите", "көмек", "🆘 SOS")
ANSWERS = ("yes", "no", "1", "2", "18:00", "28.05.2027", "43.25,76.95", "12")
WORDS = ("text", "caption")
ATTACHED = ("photo", "video", "video_note", "voice", "audio", "document", "location")
LEFT_OUT = frozenset({Action.LOCK})  # locked, the names of the rows below could not be compared


class Place(StrEnum):
    """The kind of chat that somebody writes from."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody with a Telegram account. `roles` are what the bot must see in them."""

    user_id: int
    roles: frozenset[Role]
    place: Place = Place.PRIVATE
    is_bot: bool = False

    @property
    def chat_id(self) -> int:
        """Give the chat that this sender writes in: groups have negative ids."""
        return self.user_id if self.place is Place.PRIVATE else -1_000_000_000_000 - self.user_id

    def may(self, action: Action) -> bool:
        """Say whether the table grants this; in a group nobody may anything."""
        return self.place is Place.PRIVATE and bool(self.roles & ALLOWED[action])


class Words:
    """Makes what people send; `ids` are those of rows that are there."""

    def __init__(self, chance: Random, shaper: Shaper, ids: Sequence[int]) -> None:
        self._chance = chance
        self._shaper = shaper
        self._ids = ids

    def dress(self, body: Tree, kind: str, sender: Sender, may: Callable[[Action], bool]) -> None:
        """Make an update's body this sender's own: it does nothing that `may` does not grant."""
        user = self.user(sender)
        for name in ("from", "user", "actor_chat", "sender_chat"):
            if name in body:
                body[name] = user
        if "chat" in body:
            body["chat"] = self.chat(sender)
        if kind == "my_chat_member":
            body["new_chat_member"] = self._status(sender, may)
        elif kind == "callback_query":
            body["data"] = self.press(may)
            if sender.place is not Place.PRIVATE or self._chance.random() < 0.8:
                body["message"] = self._message_of_ours(sender)
        elif "message_id" in body:
            body["from"] = user
            self._fill(body, may)

    def user(self, sender: Sender) -> Tree:
        """Give what the service says of this account."""
        made = self._shaper.object("User")
        codes = ("en", "ru", "kk", "de", "", "x" * 300)
        told: Tree = {"id": sender.user_id, "is_bot": sender.is_bot, "first_name": MARKER}
        return {**made, **told, "language_code": self._chance.choice(codes)}

    def chat(self, sender: Sender) -> Tree:
        """Give what the service says of this chat."""
        return {"id": sender.chat_id, "type": sender.place.value, "title": MARKER}

    def press(self, may: Callable[[Action], bool]) -> str:
        """Make callback data: of a kind of button that `may` grants, or of no sense.

        What was made wrong on purpose may be another button: then that one has to be granted.
        """
        while True:
            packed = self._any_press(may)
            pressed = unpack(packed)
            button = None if pressed is None else TABLE.button(pressed)
            if button is None or _may(may, button.action):
                return packed

    def _any_press(self, may: Callable[[Action], bool]) -> str:
        kinds = [one.kind for one in TABLE.buttons if _may(may, one.action)]
        if not kinds or self._chance.random() < 0.15:
            size = self._chance.choice((0, 1, 8, 64, 65, 4000))
            noise = "".join(map(chr, self._chance.choices(range(1, 0xD7FF), k=size)))
            return self._chance.choice((noise, f"{noise[:8]}|{noise[8:]}", self._shaper.text()))
        packed = self._pack(self._chance.choice(kinds))
        if self._chance.random() < 0.1:
            at = self._chance.randrange(len(packed))
            return packed[:at] + self._chance.choice(("|", "\0", "-", "")) + packed[at + 1 :]
        return packed

    def _pack(self, kind: type[Payload]) -> str:
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # a dataclass
        try:
            return pack(kind(*(self._value(hints[name]) for name in names)))
        except ValueError:  # two long words together are more than a button carries
            return kind.code

    def _value(self, hint: object) -> object:
        while hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        if hint is int:
            elsewhere = (0, 1, 2, 3, 2**31, 2**63 - 1, self._chance.randrange(2**63))
            return self._chance.choice((*self._ids, *elsewhere))
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return self._chance.choice(list(hint))
        return self._chance.choice(("", "en", "yes", "title", "sos", "x" * 20))

    def _status(self, sender: Sender, may: Callable[[Action], bool]) -> Tree:
        """Give what the bot is in a chat now; whoever has a place may block it."""
        statuses = ("member", "left", "administrator", MARKER, "restricted")
        is_free = may(Action.START) or Role.STRANGER in sender.roles
        chosen = self._chance.choice((*statuses, "kicked") if is_free else statuses)
        return {**self._shaper.object("ChatMemberMember"), "status": chosen}

    def _fill(self, body: Tree, may: Callable[[Action], bool]) -> None:
        """Put words into a message, or none; edits and forwards keep what they are made of."""
        for name in WORDS if may(Action.REPORT) else (*WORDS, *ATTACHED):
            body.pop(name, None)
        if self._chance.random() < 0.9:
            body[self._chance.choice(("text", "text", "text", "caption"))] = self.text(may)

    def text(self, may: Callable[[Action], bool]) -> str:
        """Make a text: a command that `may` grants, a call for help, an answer, or anything.

        In some spelling anything may be a call for help: then it is one more right.
        """
        while True:
            text = self._any_text(may)
            if may(Action.RAISE_ALARM) or classify(text) is AlarmLikeness.NONE:
                return text

    def _any_text(self, may: Callable[[Action], bool]) -> str:
        match self._chance.randrange(6):
            case 0 | 1:
                names = [one.name for one in TABLE.commands if _may(may, one.action)]
                name = self._chance.choice(names or ["nothing"])
                return f"/{name} {self._argument()}".strip()
            case 2:
                return self._chance.choice(ALARM_WORDS)
            case 3:
                return self._chance.choice(ANSWERS)
            case _:
                return self._shaper.text()

    def _argument(self) -> str:
        return self._chance.choice(("", "A" * 22, "_" * 64, "1", MARKER, self._shaper.text()[:80]))

    def _message_of_ours(self, sender: Sender) -> Tree:
        made = self._shaper.object("Message")
        bot: Tree = {"id": 123456789, "is_bot": True, "first_name": "Evening"}
        number = self._chance.choice((1, 2, 3, 1000, 2**31 - 1))
        told: Tree = {"chat": self.chat(sender), "from": bot, "message_id": number, "text": "…"}
        return {**made, **told}


def _may(may: Callable[[Action], bool], action: Action) -> bool:
    return action not in LEFT_OUT and may(action)
