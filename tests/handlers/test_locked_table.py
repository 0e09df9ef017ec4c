"""Everything that can be pressed, written or fall due while all is locked is decided: no fault.

Each attempt runs in a transaction of its own, what it owes is put into words, and it is undone.
"""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest

from coordination.actors import find_actor
from coordination.incidents import record_facts
from coordination.timetable import LOOK_AGAIN, TIMETABLE, run_timer
from handlers.buttons import Payload, pack
from handlers.complaintforms import DAY, DISAGREE, FILE, HAND_OVER, REPLY, STEP
from handlers.context import Form, Request
from handlers.incoming import Incoming
from handlers.registration import ADULT
from handlers.rendering import render
from handlers.routes import BUTTONS, FORMS, TABLE
from safety.errors import RefusalError
from safety.forms import Draft
from safety.groups import GroupKind
from safety.notices import CallbackAnswer, LeaveGroup, Notice, Removal, Say
from safety.people import EventId, Role, Standing
from safety.permissions import ALLOWED
from safety.registration import Consent
from safety.timers import Timer
from storage import outbox, tickets, timers
from storage.moments import to_row
from storage.outbox import Owed
from storage.timers import Due
from storage.transaction import Transaction
from tests.handlers.test_complaints import files
from tests.handlers.test_disclosure import HOUR, enters_another, has_venue
from tests.handlers.test_groups import leaves
from tests.handlers.test_registration import invited
from tests.harness import Someone, Team, World, has_few_buttons
from tests.letters import KINDS, has_address

SAMPLES = 8  # combinations of references tried for each button and person
ROWS = {
    "event_id": "SELECT id FROM events",
    "person_id": "SELECT id FROM people",
    "team_id": "SELECT id FROM team",
    "asked_by": "SELECT id FROM team",
    "alarm_id": "SELECT id FROM alarms",
    "detention_id": "SELECT id FROM detentions",
    "rollcall_id": "SELECT id FROM rollcalls",
    "venue_id": "SELECT id FROM venues",
    "group_id": "SELECT id FROM groups",
    "report_id": "SELECT report_id FROM open_reports",
    "link_id": "SELECT id FROM report_links",
    "incident_id": "SELECT id FROM incidents",
    "complaint_id": "SELECT id FROM complaints",
    "injury_id": "SELECT id FROM injuries",
    "proposal_id": "SELECT id FROM proposals",
    "invitation_id": "SELECT id FROM invitations",
    "draft_id": "SELECT id FROM forms",
}

# What needs names, places or what was said, and is therefore refused in one sentence. Everything
# else goes on. Whoever adds to this list decides something: see ADR-0012.
REFUSED_COMMANDS = {"invite", "venue", "release", "relocate"}
REFUSED_BUTTONS = {
    # names
    *("BoardNamesPress", "BoardSectionPress", "RollCallNamesPress", "SilentNamesPress"),
    *("BoardSectionPage", "RollCallNamesPage", "SilentNamesPage"),
    *("NamesPress", "PersonPress", "NextInQueue", "DecidePress", "BeginRegistration"),
    *("InviteAnother", "InvitationsPress", "RenewInvitation", "RevokeInvitation"),
    # places
    *("ShowPlace", "ShowVenue", "EnterVenue", "ReleaseStage", "ResumeVenue", "MoveVenue"),
    "MovePress",
    # a new event's keys, and what two people decide of a place (a purge goes on)
    *("EventNew", "ProposalConfirm"),
}
REFUSED_FORMS = {"event", "invitation", "registration", "relocation", "venue"}
WAITING_TIMERS = {"AskToDecide", "StageDue", "TellMore", "TellAgain"}

SUBJECTS = {
    "sighting": "detention_id",
    "transfer": "detention_id",
    "hold": "venue_id",
    "decide-hold": "venue_id",
    "ledger": "venue_id",
}
SUBJECTS |= dict.fromkeys((STEP, REPLY, HAND_OVER, DISAGREE, DAY), "complaint_id")
SUBJECTS |= {FILE: "incident_id", "injury": "injury_id"}
ANSWERS = (
    *(("name", "Somebody"), ("age", ADULT), ("consent", Consent.LAWYER_ONLY.value)),
    *(("label", "Somebody"), ("what", "They came."), ("place", "By the lake"), ("when", "10")),
    *(("kind", GroupKind.BUS.value), ("plate", "A 1"), ("heads", "3"), ("role", "steward")),
    *(("date", "2027-05-29"), ("start", "18:00"), ("end", "21:00"), ("zone", "Asia/Almaty")),
    *(("title", "Tea"), ("city", "Almaty"), ("language", "ru"), ("capacity", "20")),
    *(("authority", "police"), ("on", "2027-05-26"), ("state", "registered")),
    *(("says", "no_threats_found"), ("shows", "threats"), ("until", "2027-06-26")),
    *(("by", "mail"), ("mail", "somebody@example.org")),
    *(("area", "Old park"), ("point", "Fountain"), ("reason", "cancelled"), ("number", "")),
    *(
        ("entry", "refusal"),
        ("who", "police"),
        ("words", "They said no"),
        ("day", "day 2027-05-20"),
    ),
    *(("choice", "go"), ("why", "checked")),
)


class _UndoneError(Exception):
    """Ends an attempt: what it has done is taken back."""

    def __init__(self, keys: frozenset[str]) -> None:
        super().__init__()
        self.keys = keys


@dataclass(slots=True)
class Scene:
    """A world in which everything there is exists, and is locked."""

    world: World
    people: tuple[Someone, ...]
    ids: Mapping[str, list[int]]
    seq: int = 1_000_000
    shown: set[type[Notice]] = field(default_factory=set)  # kinds of screens that were seen

    async def hears(self, update: Mapping[str, object]) -> frozenset[str]:
        """Handle an update and put into words what it causes; give the keys of bare texts."""
        self.seq += 1
        raw, seq = json.dumps(update).encode(), self.seq
        return await self._undone(
            lambda tx: self.world.guard.handle(self.world.work(tx), seq, raw)
        )

    async def runs(self, timer: Timer) -> bool:
        """Run a timer and put into words what it causes; say whether it waits."""
        due = Due(timer.key(), self.world.now, timer, EventId(self.ids["event_id"][0]))
        waits = [False]

        def attempt(tx: Transaction) -> None:
            timers.cancel(tx, timer.key())
            run_timer(self.world.work(tx), due)
            sql = "SELECT due_at FROM timers WHERE key = ?"
            again = self.world.now + LOOK_AGAIN
            waits[0] = tx.number(sql, timer.key()) == to_row(again)

        await self._undone(attempt)
        return waits[0]

    async def _undone(self, attempt: Callable[[Transaction], None]) -> frozenset[str]:
        def work(tx: Transaction) -> None:
            before = {ticket.id for ticket in tickets.ready(tx, self.world.now, 10_000)}
            attempt(tx)
            after = {ticket.id for ticket in tickets.ready(tx, self.world.now, 10_000)} - before
            owed = outbox.claim(tx, sorted(after))
            raise _UndoneError(frozenset(itertools.chain(*(self._shown(tx, one) for one in owed))))

        with pytest.raises(_UndoneError) as undone:
            await self.world.database.write(work)
        return undone.value.keys

    def _shown(self, tx: Transaction, owed: Owed) -> Iterable[str]:
        notice = owed.notice
        if isinstance(notice, Removal | LeaveGroup):
            return ()
        screen = render(self.world.work(tx), TABLE, self.world.texts, owed.recipient, notice)
        if screen is not None:
            has_few_buttons(screen, notice)
            self.shown.add(type(notice))
        locked = self.world.texts.say(owed.recipient.language, "locked")
        if screen is not None and screen.text == locked:
            return ("locked",)
        return (notice.key,) if isinstance(notice, Say | CallbackAnswer) and notice.key else ()

    async def finishes(self, someone: Someone, form: Form) -> frozenset[str]:
        """Give the last answer of a form."""

        def attempt(tx: Transaction) -> None:
            turn = self.world.turn(tx, someone)
            if not turn.actor.roles & ALLOWED[form.action]:
                return
            event_id = EventId(self.ids["event_id"][0])
            own = [one.person_id for one in turn.actor.participations]
            subject = self.ids[SUBJECTS.get(form.name, "event_id")][-1]
            subject = own[0] if form.name == "registration" else subject
            draft = Draft(7, form.name, form.steps[-1].name, event_id, subject, ANSWERS)
            request = Request(turn, Incoming(someone.chat_id, "en"), TABLE)
            try:
                tx.nested(lambda: form.finish(request, draft))
            except RefusalError as refusal:
                turn.tell(Say(refusal.key))
            record_facts(turn)

        return await self._undone(attempt)

    def payloads(self, kind: type[Payload]) -> list[Payload]:
        """Make presses of one kind that speak of what is there."""
        return [kind(*values) for values in self._values(kind)]

    def timers(self, kind: type[Timer]) -> list[Timer]:
        """Make timers of one kind that speak of what is there."""
        return [kind(*values) for values in self._values(kind)]

    def _values(self, kind: type[object]) -> list[tuple[object, ...]]:
        hints = get_type_hints(kind)
        columns = [
            self._column(field.name, hints[field.name])
            for field in fields(kind)  # type: ignore[arg-type] # a dataclass
        ]
        every = list(itertools.product(*columns))
        return every[:: max(1, len(every) // SAMPLES)]

    def _column(self, name: str, hint: object) -> list[object]:
        known: list[object] = [*self.ids.get(name, ())]
        if known:
            return known
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return list(hint)
        if hint is str:
            return ["board", "here", "00:00"]
        if get_origin(hint) is tuple:
            return [()]
        return [0, 1]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Let everything exist, then lock."""
    async with World(tmp_path) as world:
        scene = await has_everything(world)
        await world.locks()
        yield scene


async def has_everything(world: World) -> Scene:
    """Let something of every kind exist."""
    world.policy = replace(world.policy, second_kinds=KINDS)
    team = await world.has_team()
    await has_address(world, team.lawyer)
    event = await world.has_event(starts_in=HOUR + timedelta(minutes=20))
    aliya, bota, clara = await world.has_participants(event, "Aliya", "Bota", "Clara")
    await world.has_participant(event, "Pia", standing=Standing.PENDING)
    await has_venue(world, team)
    await invited(team.organizer, "Somebody else")
    newcomer = world.person("Newcomer")
    await newcomer.opens(await invited(team.organizer))
    await newcomer.presses("Go on")
    await team.second.writes("/rollcall")
    await aliya.writes("/here")
    await team.steward.writes("/board")
    await leaves(team.steward, "Car", "A 123", "3")
    await aliya.writes("sos")
    await aliya.sends_location(43.2, 76.8)
    await bota.writes("/taken")
    await clara.writes("/privacy")
    await clara.presses("A link for later")
    await clara.writes("/help")
    await clara.presses("I'm hurt")
    await clara.presses("That is all")
    await clara.writes("/report")
    await clara.writes("They were shouting.")
    await files(team.lawyer)
    await team.second.writes("/purge")
    await team.second.presses("Evening of tea")
    await team.second.presses("Forget these people")
    await enters_another(team.organizer)
    ids = await world.look(lambda tx: {name: _ids(tx, sql) for name, sql in ROWS.items()})
    assert all(ids.values()), [name for name, found in ids.items() if not found]
    return Scene(world, (*astuple(team), aliya, clara, newcomer), ids)


def _ids(tx: Transaction, sql: str) -> list[int]:
    return [row[0] for row in tx.all(tuple[int], sql)]


def astuple(team: Team) -> tuple[Someone, ...]:
    """Give everybody of a team."""
    return (
        *(team.organizer, team.second, team.deputy),
        *(team.steward, team.lawyer, team.medic),
    )


def message(someone: Someone, content: Mapping[str, object]) -> Mapping[str, object]:
    """Give the update of something that somebody writes or sends."""
    sender = {"id": someone.chat_id, "is_bot": False, "first_name": "x", "language_code": "en"}
    chat = {"id": someone.chat_id, "type": "private", "first_name": "x"}
    body = {"message_id": 5, "date": 1_800_000_000, "chat": chat, "from": sender, **content}
    return {"update_id": 9, "message": body}


def press(someone: Someone, payload: Payload) -> Mapping[str, object]:
    """Give the update of a press."""
    sender = {"id": someone.chat_id, "is_bot": False, "first_name": "x", "language_code": "en"}
    query = {"id": "9", "from": sender, "chat_instance": "1", "data": pack(payload)}
    return {"update_id": 9, "callback_query": query}


async def test_every_command_is_decided(scene: Scene) -> None:
    """Of everybody, with and without words behind it."""
    refused = set[str]()
    for command in TABLE.commands:
        for someone in scene.people:
            for words in (f"/{command.name}", f"/{command.name} what happens"):
                if "locked" in await scene.hears(message(someone, {"text": words})):
                    refused.add(command.name)
    assert refused == REFUSED_COMMANDS


async def test_every_button_is_decided(scene: Scene) -> None:
    """Of everybody who may press it, with all that it can speak of."""
    refused, tried = set[str](), set[str]()
    roles = await scene.world.look(lambda tx: _roles(scene, tx))
    for button in BUTTONS:
        for payload in scene.payloads(button.kind):
            for someone, own in zip(scene.people, roles, strict=True):
                if not own & ALLOWED[button.action]:
                    continue
                tried.add(button.kind.__name__)
                if "locked" in await scene.hears(press(someone, payload)):
                    refused.add(button.kind.__name__)
    assert tried == {button.kind.__name__ for button in BUTTONS}
    assert refused == REFUSED_BUTTONS


async def test_every_timer_is_decided(scene: Scene) -> None:
    """What cannot run waits, and nothing of it has happened."""
    waiting = set[str]()
    for kind in TIMETABLE:
        for timer in scene.timers(kind):
            if await scene.runs(timer):
                waiting.add(kind.__name__)
    assert waiting == WAITING_TIMERS


async def test_every_form_is_decided(scene: Scene) -> None:
    """Whatever was asked before the lock can be answered to its end, or the form stays."""
    refused = set[str]()
    for form in FORMS:
        for someone in scene.people:
            if "locked" in await scene.finishes(someone, form):
                refused.add(form.name)
    assert refused == REFUSED_FORMS


async def test_whatever_is_sent_is_decided(scene: Scene) -> None:
    """Words, places and files go on for everybody; what is shown meanwhile needs no name."""
    file = {"file_id": "a", "file_unique_id": "b", "file_size": 9}
    sent: tuple[Mapping[str, object], ...] = (
        {"text": "sos"},
        {"text": "көмек керек"},
        {"text": "помогите зарегистрироваться"},
        {"text": "they are coming"},
        {"location": {"latitude": 43.2, "longitude": 76.8}},
        {"voice": {**file, "duration": 3}},
        {"video": {**file, "duration": 3, "width": 9, "height": 9}, "caption": "here"},
    )
    for someone in scene.people:
        for content in sent:
            assert "locked" not in await scene.hears(message(someone, content))


def _roles(scene: Scene, tx: Transaction) -> list[frozenset[Role]]:
    policy = scene.world.policy
    return [find_actor(tx, policy, one.chat_id, None).roles for one in scene.people]
