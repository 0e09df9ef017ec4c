"""A world without HTTP: real guard, use cases, texts, keys and database file; phones are lists.

People act (`await dana.writes("sos")`) and see (`dana.sees("Seen 18:04")`). After each action
everything that is owed is rendered and put on the phones, as delivery would do it over HTTP; what
delivery itself promises (lanes, limits, failures) is tested elsewhere, against the Bot API.
"""

import asyncio
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from coordination import privacy
from coordination.actors import find_actor
from coordination.approval import follow_approval
from coordination.housekeeping import SWEEPS
from coordination.locking import follow_keys
from coordination.schedule import schedule, set_anew
from coordination.timetable import run_timer
from coordination.turns import Turn, Work
from handlers.context import Table
from handlers.guard import Guard
from handlers.rendering import render
from handlers.screens import Pin, Press, Screen
from handlers.texts import Texts
from safety.events import Event
from safety.languages import Language
from safety.notices import CallbackAnswer, Channel, IfUnknown, LeaveGroup, Notice, Removal
from safety.paging import MOST
from safety.people import (
    ChatId,
    EventId,
    PersonId,
    Recipient,
    Role,
    Standing,
    TeamId,
)
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from storage import messages, outbox, routes, tickets, timers
from storage.database import Database
from storage.events import EVENTS
from storage.messages import NewMessage
from storage.outbox import Owed
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret
from tests.made import CITY, TITLE, gathering, new_keys, put_database, somebody

T = TypeVar("T")

START = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)  # 10:00 in Almaty, two days before the evening
DELETABLE_FOR = timedelta(hours=47)
PAGES = 20  # of one list
BATCH = 50  # notices rendered at once
STEPS = 10_000  # rounds of timers in one passing of time; more is a circle

_TAG = re.compile(r"<[^>]+>")


@dataclass(slots=True)
class Seen:
    """One message on a phone, whoever wrote it. `html` as it was sent, `text` as it is read."""

    message_id: int
    html: str
    is_ours: bool
    rows: tuple[tuple[Press, ...], ...] = ()
    key: str | None = None
    pin: Pin | None = None
    picture: bytes | None = None
    is_protected: bool = False
    rang: bool = True
    edits: int = 0  # how often it was changed

    @property
    def text(self) -> str:
        """Give the words without markup."""
        return html.unescape(_TAG.sub("", self.html))

    @property
    def presses(self) -> list[Press]:
        """Give all buttons in a row."""
        return [press for row in self.rows for press in row]

    @property
    def labels(self) -> list[str]:
        """Give the labels of all buttons."""
        return [press.label for press in self.presses]


def _place(latitude: float, longitude: float, live: timedelta | None) -> dict[str, object]:
    point: dict[str, object] = {"latitude": latitude, "longitude": longitude}
    if live is not None:
        point["live_period"] = int(live.total_seconds())
    return {"location": point}


@dataclass(slots=True)
class Someone:
    """A person with a phone. `screens` are the bot's messages on it, the newest last."""

    world: "World"
    chat_id: ChatId
    name: str
    language: Language
    chat: list[Seen] = field(default_factory=list)
    keyboard: str | None = None
    alerts: list[str] = field(default_factory=list)
    has_blocked: bool = False
    team_id: TeamId | None = None
    person_id: PersonId | None = None
    sent: dict[int, int] = field(default_factory=dict)  # when each message was, by its id

    @property
    def recipient(self) -> Recipient:
        """Give the chat as the bot knows it."""
        return Recipient(self.chat_id, self.language)

    @property
    def screens(self) -> list[Seen]:
        """Give what the bot has written and what is still there."""
        return [seen for seen in self.chat if seen.is_ours]

    # ------------------------------------------------------------ acting

    async def writes(self, text: str) -> int:
        """Write a text; give its message id."""
        return await self._sends({"text": text})

    async def opens(self, link: str = "") -> None:
        """Open the bot through a link, a token, or plainly."""
        token = link.rsplit("start=", maxsplit=1)[-1]
        self.has_blocked = False
        await self.writes(f"/start {token}".strip())

    async def presses(self, label: str, within: Seen | None = None) -> None:
        """Press the newest button whose label holds `label`, else the permanent key."""
        found = self.find_button(label, within)
        if found is None:
            assert self.keyboard is not None, self._complaint(f"no button {label!r}")
            assert label in self.keyboard, self._complaint(f"no button {label!r}")
            await self.writes(self.keyboard)
            return
        seen, press = found
        await self.forges(press.payload, seen.message_id)

    async def finds(self, label: str) -> None:
        """Turn the pages of the newest list until `label` stands there, and press it."""
        for _ in range(PAGES):
            if not self.can_press(label):
                await self.presses("More ›")
        await self.presses(label)

    async def forges(self, payload: str, message_id: int | None = None) -> None:
        """Send callback data that may never have stood under any button."""
        await self.world.receive(self._press(payload, message_id))

    async def forges_all(self, payloads: Iterable[str], message_id: int | None = None) -> None:
        """Send much callback data at once, faster than anything is answered."""
        await self.world.receive_all(self._press(payload, message_id) for payload in payloads)

    async def sends_location(
        self, latitude: float, longitude: float, live: timedelta | None = None
    ) -> int:
        """Send a place, one that lives for so long where it is said; give its message id."""
        return await self._sends(_place(latitude, longitude, live))

    async def moves(
        self, message_id: int, latitude: float, longitude: float, live: timedelta | None = None
    ) -> None:
        """Let a live place move on, as long as it still lives; without `live` it has ended."""
        await self._edits(message_id, _place(latitude, longitude, live))

    async def edits(self, message_id: int, text: str) -> None:
        """Change a text that was sent."""
        await self._edits(message_id, {"text": text})

    async def sends_photo(self, caption: str = "") -> int:
        """Send a photo that Telegram recompressed."""
        photo = [{**a_file("photo"), "width": 90, "height": 90}]
        return await self._sends({"photo": photo, "caption": caption})

    async def sends_video(self, caption: str = "") -> int:
        """Send a video."""
        video = {**a_file("video"), "width": 90, "height": 90, "duration": 3}
        return await self._sends({"video": video, "caption": caption})

    async def sends_voice(self) -> int:
        """Send a voice message."""
        return await self._sends({"voice": {**a_file("voice"), "duration": 3}})

    async def sends_document(self, name: str = "scan.pdf", size: int = 1_000) -> int:
        """Send a file of `size` bytes."""
        document = {**a_file("document"), "file_name": name, "file_size": size}
        return await self._sends({"document": document})

    async def sends_content(self, content: Mapping[str, object]) -> int:
        """Send whatever the service lets people send; give its message id."""
        return await self._sends(content)

    async def blocks(self) -> None:
        """Block the bot."""
        self.has_blocked = True
        await self._changes("member", "kicked")

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self.has_blocked = False
        await self._changes("kicked", "member")

    # ------------------------------------------------------------ looking

    def shows(self, part: str) -> bool:
        """Say whether any message of the bot on this phone holds `part`."""
        return any(part in seen.text for seen in self.screens)

    def sees(self, part: str) -> Seen:
        """Give the newest message of the bot that holds `part`; there must be one."""
        for seen in reversed(self.screens):
            if part in seen.text:
                return seen
        raise AssertionError(self._complaint(f"does not see {part!r}"))

    def sees_nothing_of(self, part: str) -> None:
        """Make sure that no message of the bot on this phone holds `part`."""
        assert not self.shows(part), self._complaint(f"still sees {part!r}")

    def is_told(self, part: str) -> None:
        """Make sure that the newest callback answer with words holds `part`."""
        newest = self.alerts[-1] if self.alerts else ""
        assert part in newest, self._complaint(f"was not told {part!r} but {newest!r}")

    def find_button(self, label: str, within: Seen | None = None) -> tuple[Seen, Press] | None:
        """Give the newest button whose label holds `label`, with its message."""
        for seen in reversed(self.screens if within is None else [within]):
            for press in seen.presses:
                if label in press.label:
                    return seen, press
        return None

    def find_message(self, message_id: int | None) -> Seen | None:
        """Give a message of the bot by its id, if it is still there."""
        return next((seen for seen in self.screens if seen.message_id == message_id), None)

    def can_press(self, label: str) -> bool:
        """Say whether there is such a button."""
        return self.find_button(label) is not None

    def payload_of(self, label: str) -> str:
        """Give the callback data of the newest button with this label."""
        found = self.find_button(label)
        assert found is not None, self._complaint(f"no button {label!r}")
        return found[1].payload

    # ------------------------------------------------------------ wire

    def _press(self, payload: str, message_id: int | None) -> dict[str, object]:
        number = self.world.next_number()
        query: dict[str, object] = {
            "id": str(number),
            "from": self._from(),
            "chat_instance": "1",
            "data": payload,
        }
        if message_id is not None:
            pressed = self.find_message(message_id)
            is_picture = pressed is not None and pressed.picture is not None
            photo = {"photo": [{**a_file("photo"), "width": 90, "height": 90}]}
            query["message"] = self._message(message_id, photo if is_picture else {"text": "…"})
        return {"update_id": number, "callback_query": query}

    async def _sends(self, content: Mapping[str, object]) -> int:
        message_id = self.world.next_number()
        words = str(content.get("text") or content.get("caption") or f"({next(iter(content))})")
        self.chat.append(Seen(message_id, html.escape(words), is_ours=False))
        update_id = self.world.next_number()
        message = self._message(message_id, content)
        await self.world.receive({"update_id": update_id, "message": message})
        return message_id

    async def _edits(self, message_id: int, content: Mapping[str, object]) -> None:
        message = {**self._message(message_id, content), "edit_date": self._date()}
        update_id = self.world.next_number()
        await self.world.receive({"update_id": update_id, "edited_message": message})

    async def _changes(self, old: str, new: str) -> None:
        def state(status: str) -> dict[str, object]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": self._from(), **until}

        change = {
            "chat": {"id": self.chat_id, "type": "private"},
            "from": self._from(),
            "date": self._date(),
            "old_chat_member": state(old),
            "new_chat_member": state(new),
        }
        update_id = self.world.next_number()
        await self.world.receive({"update_id": update_id, "my_chat_member": change})

    def _message(self, message_id: int, content: Mapping[str, object]) -> dict[str, object]:
        return {
            "message_id": message_id,
            "date": self.sent.setdefault(message_id, self._date()),
            "chat": {"id": self.chat_id, "type": "private", "first_name": self.name},
            "from": self._from(),
            **content,
        }

    def _from(self) -> dict[str, object]:
        return {
            "id": self.chat_id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language.value,
        }

    def _date(self) -> int:
        return int(self.world.now.timestamp())

    def _complaint(self, what: str) -> str:
        shown = "\n---\n".join(f"{seen.text}\n{seen.labels}" for seen in self.screens)
        return f"{self.name}: {what}; the phone shows:\n{shown}\nalerts: {self.alerts[-3:]}"


def a_file(kind: str) -> dict[str, object]:
    """Give a file as the service describes it, without its kind's own fields."""
    return {"file_id": f"{kind}-id", "file_unique_id": f"{kind}-unique", "file_size": 1_000}


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody a small team has."""

    organizer: Someone
    second: Someone
    deputy: Someone
    steward: Someone
    lawyer: Someone
    medic: Someone


class World:
    """The bot in one process: an encrypted database, the guard, and everybody's phones.

    `now` moves only by `pass_time`.
    """

    def __init__(
        self,
        folder: Path,
        table: Table | None = None,
        now: datetime = START,
        keys: tuple[KeySlots, UnlockSecret] | None = None,
    ) -> None:
        if table is None:
            from handlers.routes import TABLE  # noqa: PLC0415 - tests of the harness need no table

            table = TABLE
        self.now = now
        self.policy = Policy(bot_username="EveningBot", display_name="Evening")
        self.table = table
        self.guard = Guard(table)
        self.texts = Texts.load(default=Language.RU)
        self.people: dict[ChatId, Someone] = {}
        self.left_groups: list[ChatId] = []
        self.is_cut = False  # nothing gets through to the phones, and stays owed
        self._repeated: set[type[Notice]] = set()  # whose second copy was looked at
        self._numbers = 1_000
        self._seq = 0
        self._slots, self.secret = keys or new_keys(folder / "keys")
        if keys is None:
            put_database(folder / "aman.db")
        self.database = Database(folder / "aman.db", self._slots)

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.database.__aexit__(kind, error, trace)
        self._slots.close()

    def person(self, name: str, language: Language = Language.EN) -> Someone:
        """Give somebody whom the bot does not know yet; the same for the same name."""
        for known in self.people.values():
            if known.name == name:
                return known
        chat_id = ChatId(700_000 + len(self.people))
        self.people[chat_id] = Someone(self, chat_id, name, language)
        return self.people[chat_id]

    def next_number(self) -> int:
        """Give a number that was never used in this world: update, message, callback."""
        self._numbers += 1
        return self._numbers

    # ------------------------------------------------------------ who is there already

    async def has_team_person(
        self, name: str, role: Role, language: Language = Language.EN
    ) -> Someone:
        """Give somebody who is active in the team already."""
        someone = self.person(name, language)

        def put(work: Work) -> TeamId:
            team_id = TeamId(work.tx.new_id())
            TEAM.put(work.tx, TeamPerson(team_id, role, TeamState.ACTIVE, name, work.now))
            routes.put(work.tx, None, team_id, someone.recipient)
            return team_id

        someone.team_id = await self.change(put)
        return someone

    async def has_organizer(
        self, name: str = "Aigul", language: Language = Language.EN
    ) -> Someone:
        """Give an organizer."""
        return await self.has_team_person(name, Role.ORGANIZER, language)

    async def has_team(self) -> "Team":
        """Give a whole team: two organizers, a deputy, a steward, a lawyer, a medic."""
        return Team(
            organizer=await self.has_organizer("Aigul"),
            second=await self.has_organizer("Dana"),
            deputy=await self.has_team_person("Nora", Role.DEPUTY),
            steward=await self.has_team_person("Saule", Role.STEWARD),
            lawyer=await self.has_team_person("Timur", Role.LAWYER),
            medic=await self.has_team_person("Madina", Role.MEDIC),
        )

    async def has_event(
        self,
        starts_in: timedelta = timedelta(hours=56),
        lasts: timedelta = timedelta(hours=3),
        capacity: int = 30,
    ) -> Event:
        """Give an open event; by default 28 May, 18:00 to 21:00 in Almaty."""

        def put(work: Work) -> Event:
            event = gathering(EventId(work.tx.new_id()), work.now + starts_in, lasts)
            event = replace(event, capacity=capacity)
            work.tx.create_event_keys(event.id)
            EVENTS.put(work.tx, event)
            schedule(work, event)
            return event

        return await self.change(put)

    async def has_participant(
        self,
        event: Event,
        name: str,
        language: Language = Language.EN,
        standing: Standing = Standing.APPROVED,
    ) -> Someone:
        """Give somebody registered at `event`, approved unless said otherwise."""
        someone = self.person(name, language)

        def put(work: Work) -> PersonId:
            person = somebody(event.id, work.tx.new_id(), work.now, name)
            person = replace(person, standing=standing, language=language)
            PEOPLE.put(work.tx, person)
            routes.put(work.tx, event.id, person.id, someone.recipient)
            if standing is Standing.APPROVED:
                follow_approval(work, person)
            return person.id

        someone.person_id = await self.change(put)
        return someone

    async def has_participants(self, event: Event, *names: str) -> list[Someone]:
        """Give several approved people."""
        return [await self.has_participant(event, name) for name in names]

    # ------------------------------------------------------------ the bot's way

    async def receive(self, update: dict[str, object]) -> None:
        """Handle one update in its transaction, then deliver what is owed."""
        await self._writes(self._handling(update))

    async def receive_all(self, updates: Iterable[dict[str, object]]) -> None:
        """Handle several that came at once, each in its own transaction; then deliver."""
        work = [self.database.write(self._handling(update)) for update in updates]
        await asyncio.gather(*work)
        await self.deliver()

    def _handling(self, update: dict[str, object]) -> Callable[[Transaction], None]:
        self._seq += 1
        seq, raw = self._seq, json.dumps(update).encode()
        return lambda tx: self.guard.handle(self.work(tx), seq, raw)

    def work(self, tx: Transaction) -> Work:
        """Give what a timer runs with."""
        return Work(tx, self.now, self.policy)

    def turn(self, tx: Transaction, someone: Someone) -> Turn:
        """Give the turn of somebody who acts now."""
        actor = find_actor(tx, self.policy, someone.chat_id, someone.language.value)
        self._seq += 1
        return Turn(tx, self.now, self.policy, actor=actor, seq=self._seq)

    async def do(self, someone: Someone, use_case: Callable[[Turn], T]) -> T:
        """Run a use case as somebody, without chat; then deliver what is owed."""
        return await self._writes(lambda tx: use_case(self.turn(tx, someone)))

    async def locks(self) -> None:
        """Have everything locked at once, as by the command on the server."""
        self._slots.lock()
        await self.change(follow_keys)

    async def opens_again(self) -> None:
        """Have it opened with the unlock secret, on the server."""
        self._slots.open_again(self.secret)
        await self.change(follow_keys)

    @property
    def open_kinds(self) -> frozenset[KeyKind]:
        """Give the kinds of keys that are in memory."""
        return frozenset(name.kind for name in self._slots.keys)

    async def look(self, look: Callable[[Transaction], T]) -> T:
        """Look at what is stored."""
        return await self.database.read(look)

    async def change(self, work: Callable[[Work], T]) -> T:
        """Change what is stored, past all use cases; then deliver what is owed."""
        return await self._writes(lambda tx: work(self.work(tx)))

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass: every timer and every message's end comes at its own moment."""
        target = self.now + by
        for _ in range(STEPS):
            due = await self.database.read(self._next_due)
            if due is None or due > target:
                self.now = target
                return
            self.now = max(self.now, due)
            await self._writes(self._run_due)
        raise AssertionError("timers set each other for ever")

    async def sweeps(self) -> None:
        """Do what the bot does every hour: each kind in a transaction of its own."""
        for sweep in (*SWEEPS.values(), set_anew):
            await self.change(sweep)

    def _next_due(self, tx: Transaction) -> datetime | None:
        """Give the next moment; a timer that is late and does not open comes never."""
        is_due = bool(timers.due(tx, self.now, limit=1))
        moments = [self.now if is_due else timers.next_due(tx, self.now), messages.next_due(tx)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _run_due(self, tx: Transaction) -> None:
        for due in timers.due(tx, self.now):
            if timers.take(tx, due):
                run_timer(self.work(tx), due)
        self._end_messages(tx)

    def _end_messages(self, tx: Transaction) -> bool:
        """Have the messages go whose time is over; say whether there were any."""
        return privacy.remove_due(self.work(tx), limit=500) > 0

    # ------------------------------------------------------------ delivery

    async def deliver(self) -> None:
        """Render everything owed, the most urgent first, and put it on the phones."""
        await self._writes(lambda _tx: None)

    async def _writes(self, work: Callable[[Transaction], T]) -> T:
        """Do something in a transaction that claims what is owed after it, and deliver that."""
        result, owed = await self.database.write(lambda tx: (work(tx), self._claim(tx)))
        for _ in range(STEPS):
            if not owed:
                return result
            screens = await self.database.read(partial(self._render, owed))
            owed = await self.database.write(partial(self._put_and_claim, owed, screens))
        raise AssertionError("notices owe each other for ever")

    def _claim(self, tx: Transaction) -> list[Owed]:
        """Claim some of what is owed; once nothing is, some messages may have to go."""
        if self.is_cut:
            return []
        found = tickets.ready(tx, self.now, BATCH)
        if not found and self._end_messages(tx):
            found = tickets.ready(tx, self.now, BATCH)
        return outbox.claim(tx, [ticket.id for ticket in found])

    def _put_and_claim(
        self, owed: list[Owed], screens: list[Screen | None], tx: Transaction
    ) -> list[Owed]:
        self._put(list(zip(owed, screens, strict=True)), tx)
        return self._claim(tx)

    def _render(self, owed: list[Owed], tx: Transaction) -> list[Screen | None]:
        work = self.work(tx)
        return [self._render_one(work, one) for one in owed]

    def _render_one(self, work: Work, owed: Owed) -> Screen | None:
        valid_for = owed.notice.valid_for
        if valid_for is not None and owed.owed_at + valid_for < self.now:
            return None
        screen = render(work, self.table, self.texts, owed.recipient, owed.notice)
        if screen is not None:
            has_few_buttons(screen, owed.notice)
            self._says_when_it_is_sent_again(work, owed, screen)
        return screen

    def _says_when_it_is_sent_again(self, work: Work, owed: Owed, first: Screen) -> None:
        """In every test, once for each kind: a copy of what may have arrived says that it is one.

        What has no words to say so, and what is no message, reads as before.
        """
        kind = type(owed.notice)
        if kind in self._repeated:
            return
        self._repeated.add(kind)
        again = render(work, self.table, self.texts, owed.recipient, owed.notice, attempt=2)
        assert again is not None, f"a repeated {kind.__name__} says nothing"
        is_again = kind.if_unknown is IfUnknown.SEND_AGAIN and first.text != ""
        says = self.texts.say(owed.recipient.language, "sent-again", number=2)
        assert again.again == (says if is_again else ""), f"a repeated {kind.__name__}"
        says_so_itself = kind.if_unknown is IfUnknown.ASK or kind.channel is Channel.SECOND
        assert (again.text != first.text) is says_so_itself, f"a repeated {kind.__name__}"

    def _put(self, pairs: list[tuple[Owed, Screen | None]], tx: Transaction) -> None:
        for owed, screen in pairs:
            outbox.done(tx, owed.id)
            someone = self.people.get(owed.recipient.chat_id)
            match owed.notice:
                case LeaveGroup():
                    self.left_groups.append(owed.recipient.chat_id)
                case Removal(message_ids) if someone is not None:
                    _remove(someone, set(message_ids))
                case CallbackAnswer() if someone is not None:
                    if screen is not None and screen.text:
                        someone.alerts.append(screen.text)
                case _ if screen is not None and someone is not None:
                    if not someone.has_blocked:
                        self._show(tx, someone, owed, screen)
                case _:
                    pass

    def _show(self, tx: Transaction, someone: Someone, owed: Owed, screen: Screen) -> None:
        """Choose like `bot/requests.py`: change a message where that is possible, else send."""
        notice, card = owed.notice, owed.notice.card()
        standing = None if card is None else messages.on_card(tx, someone.chat_id, card)
        target = None
        if _is_plain(screen) and not (standing is not None and notice.replaces):
            target = someone.find_message(standing or owed.edits)
        if target is not None and standing is None and notice.is_protected:
            standing = None if target.is_protected else target.message_id
            target = target if target.is_protected else None
        if target is not None:
            assert target.picture is None, "the service cannot turn a picture into text"
            target.html, target.rows, target.edits = screen.text, screen.rows, target.edits + 1
            messages.change(tx, self._remembered(owed, target.message_id))
            return
        if standing is not None:
            _remove(someone, {standing})
            messages.forget(tx, someone.chat_id, [standing])
        self._send(tx, someone, owed, screen)

    def _send(self, tx: Transaction, someone: Someone, owed: Owed, screen: Screen) -> None:
        seen = Seen(
            self.next_number(),
            screen.text,
            is_ours=True,
            rows=screen.rows,
            key=screen.key,
            pin=screen.pin,
            picture=screen.picture,
            is_protected=owed.notice.is_protected,
            rang=owed.notice.rings,
        )
        if seen.rang:
            self._shows_nothing_when_locked(seen)
        someone.chat.append(seen)
        if screen.key is not None or screen.removes_key:
            someone.keyboard = screen.key
        messages.add(tx, self._remembered(owed, seen.message_id))

    def _shows_nothing_when_locked(self, seen: Seen) -> None:
        """In every test: a first line, which a locked phone shows, names nobody and no event."""
        line = seen.text.partition("\n")[0].replace("Asia/Almaty", "")
        names = {one.name for one in self.people.values() if one.team_id or one.person_id}
        told = [word for word in (*names, TITLE, CITY) if word in line]
        assert not told, f"a locked phone would show {told}: {line!r}"

    def _remembered(self, owed: Owed, message_id: int) -> NewMessage:
        notice = owed.notice
        return NewMessage(
            owed.recipient,
            message_id,
            None if notice.stays is None else self.now + notice.stays,
            event_id=owed.event_id,
            card=notice.card(),
            tag=notice.tag(),
            can_go_until=self.now + DELETABLE_FOR,
            is_protected=notice.is_protected,
        )


def has_few_buttons(screen: Screen, notice: Notice) -> None:
    """In every test: no screen has more buttons than can be looked through under stress."""
    labels = [press.label for row in screen.rows for press in row]
    assert len(labels) <= MOST, f"{type(notice).__name__} has {len(labels)} buttons: {labels}"


def _is_plain(screen: Screen) -> bool:
    has_key = screen.key is not None or screen.removes_key
    return not has_key and screen.pin is None and screen.picture is None


def _remove(someone: Someone, message_ids: set[int]) -> None:
    for seen in someone.chat:
        if seen.message_id in message_ids and seen.key is not None:
            someone.keyboard = None  # Telegram drops a keyboard whose message is deleted
    someone.chat[:] = [seen for seen in someone.chat if seen.message_id not in message_ids]
