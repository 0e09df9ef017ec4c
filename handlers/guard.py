"""The one way from an update to a use case: read, recognise, ask the table, run, answer.

Default denied: what the table does not name does nothing. A refusal takes back whatever the
handler had begun and is told; strangers get one neutral sentence, capped (ADR-0004).
"""

from collections.abc import Callable
from dataclasses import dataclass

from coordination import attachments, chats, reports, returning
from coordination.actors import find_actor
from coordination.incidents import record_facts
from coordination.origins import find_origin
from coordination.turns import Turn, Work
from handlers import forms
from handlers.buttons import unpack
from handlers.context import Request, Table
from handlers.incoming import Callback, Group, Incoming, UnreadableError, read_update
from handlers.remains import find_sender, read_call
from safety.alarmwords import AlarmLikeness, classify
from safety.errors import NotAllowedError, OutdatedError, RefusalError
from safety.forms import Draft, form_tag
from safety.languages import Language
from safety.notices import CallbackAnswer, LeaveGroup, Say
from safety.people import Recipient, Role
from safety.permissions import Action, is_allowed

LINK_COMMAND = "start"  # the one command that may make somebody of a stranger


@dataclass(frozen=True, slots=True)
class Guard:
    """Handles one update in one transaction."""

    table: Table

    def handle(self, work: Work, seq: int, raw: bytes) -> None:
        """Handle an update: afterwards everything it causes is owed, in the same transaction.

        Raises:
            UnreadableError: it is no update.
        """
        match _read(raw):
            case None:
                return
            case Group(chat_id):
                work.owe(Recipient(chat_id, Language.EN), LeaveGroup())
            case Incoming() as incoming:
                self._handle_person(work, seq, incoming)

    def give_up(self, work: Work, raw: bytes, *, is_first: bool) -> None:
        """Let go of an update that could not be handled; never raises for bad ones.

        No phone waits any longer for an answer to a button. Whoever we know is told, if this is
        the first that failed in their chat; also where it could not even be read.
        """
        sender = find_sender(raw)
        if sender is None:
            return
        actor = find_actor(work.tx, work.policy, sender.chat_id, sender.language_code)
        if sender.press is not None:
            work.owe(actor.recipient, CallbackAnswer(sender.press))
        if is_first and Role.STRANGER not in actor.roles:
            work.owe(actor.recipient, Say("fault-apology"))

    def _handle_person(self, work: Work, seq: int, incoming: Incoming) -> None:
        actor = find_actor(work.tx, work.policy, incoming.chat_id, incoming.language_code)
        callback = incoming.callback
        turn = Turn(
            tx=work.tx,
            now=work.now,
            policy=work.policy,
            actor=actor,
            seq=seq,
            pressed=None if callback is None else callback.message_id,
            origin=find_origin(work.tx, incoming.origin, actor),
        )
        request = Request(turn, incoming, self.table)
        if incoming.has_blocked is not None:
            _note_blocking(turn, has_blocked=incoming.has_blocked)
        elif chats.is_quiet(turn, incoming.chat_id):
            self._handle_quietly(request)
        elif callback is not None:
            self._handle_callback(request, callback)
        else:
            self._handle_message(request)
        facts = tuple(turn.facts)
        record_facts(turn)
        reports.follow(turn, facts)

    def _handle_callback(self, request: Request, callback: Callback) -> None:
        pressed = unpack(callback.packed)
        button = None if pressed is None else self.table.button(pressed)

        def run() -> str | None:
            if Role.STRANGER in request.turn.actor.roles:
                raise NotAllowedError
            if pressed is None or button is None:
                raise OutdatedError
            request.turn.require(button.action)
            return button.run(request, pressed)

        try:
            top = request.turn.tx.nested(run)
        except RefusalError as refusal:
            request.turn.facts.clear()
            reports.note_refused(request.turn, refusal)
            request.turn.tell(
                CallbackAnswer(callback.id, refusal.key, tuple(refusal.values.items()))
            )
        else:
            request.turn.tell(CallbackAnswer(callback.id, top))

    def _handle_message(self, request: Request) -> None:
        turn, incoming = request.turn, request.incoming
        is_stranger = Role.STRANGER in turn.actor.roles
        draft = None if is_stranger else forms.current(request)
        if not is_stranger and incoming.message_id is not None and not incoming.is_edit:
            ends_at = None if incoming.place is None else incoming.place.leaves_at(turn.now)
            tag = self._goes_with(incoming, draft, is_live=ends_at is not None)
            chats.remember_incoming(turn, incoming.message_id, tag, ends_at)
            returning.come_back(turn)  # whoever writes can be written to
        run = self._choose(request, draft)
        try:
            turn.tx.nested(lambda: run(request))
        except NotAllowedError:
            turn.facts.clear()
            self.table.on_stranger(request)
        except RefusalError as refusal:
            turn.facts.clear()
            reports.note_refused(turn, refusal)
            turn.tell(Say(refusal.key, tuple(refusal.values.items())))

    def _goes_with(self, incoming: Incoming, draft: Draft | None, *, is_live: bool) -> str | None:
        """Name the question with which a message leaves the chat.

        A file stays until it is sealed away, and a live place as long as it lives, unless it is
        what was asked for.
        """
        if draft is None or incoming.media is not None:
            return None
        is_asked = not is_live or forms.wants_location(self.table, draft)
        return form_tag(draft.id) if is_asked else None

    def _handle_quietly(self, request: Request) -> None:
        """Hear what comes from a taken person's phone; answer nothing, let nothing stay there."""
        turn, incoming = request.turn, request.incoming
        if incoming.message_id is not None and not incoming.is_edit:
            chats.remember_incoming(turn, incoming.message_id, None)
        try:
            turn.tx.nested(lambda: self.table.on_quiet(request))
        except RefusalError:
            turn.facts.clear()

    def _choose(self, request: Request, draft: Draft | None) -> Callable[[Request], None]:
        name = None if request.incoming.is_edit else request.incoming.command
        if Role.STRANGER in request.turn.actor.roles and name != LINK_COMMAND:
            return self.table.on_stranger
        if name is not None:
            return self._choose_command(name)
        return self._choose_by_content(request, draft)

    def _choose_by_content(
        self, request: Request, draft: Draft | None
    ) -> Callable[[Request], None]:
        incoming = request.incoming
        may_call = is_allowed(request.turn.actor.roles, Action.RAISE_ALARM)
        likeness = classify(incoming.text) if may_call else AlarmLikeness.NONE
        if likeness is AlarmLikeness.ALARM and not incoming.is_edit:
            return self.table.on_alarm
        if draft is not None and _answers(self.table, request, draft):
            return lambda again: forms.answer_text(again, draft)
        if incoming.place is not None:
            return self.table.on_location
        if incoming.media is not None and not incoming.is_edit:
            return self.table.on_media
        if likeness is not AlarmLikeness.NONE:
            return self.table.on_doubt
        return _hear_change if incoming.is_edit else self.table.on_other

    def _choose_command(self, name: str) -> Callable[[Request], None]:
        command = self.table.command(name)
        if command is None:
            return self.table.on_other

        def run(request: Request) -> None:
            request.turn.require(command.action)
            command.run(request)

        return run


def _read(raw: bytes) -> Incoming | Group | None:
    """Read an update; of one that cannot be read a call for help is left.

    Raises:
        UnreadableError: it is no update, and nobody's call.
    """
    try:
        return read_update(raw)
    except UnreadableError:
        call = read_call(raw)
        if call is None:
            raise
        return call


def _answers(table: Table, request: Request, draft: Draft) -> bool:
    """Say whether this answers the open question, which no call for help has come after.

    What the team asks itself, a place, heads, is still answered: that has no other way.
    """
    incoming = request.incoming
    if incoming.is_edit or incoming.media is not None:
        return False
    is_everybodys = is_allowed(frozenset({Role.PARTICIPANT}), table.form(draft.form).action)
    if is_everybodys and attachments.has_just_called(request.turn, draft.begun_at):
        return False
    return incoming.place is None or forms.wants_location(table, draft)


def _hear_change(request: Request) -> None:
    """Let what somebody has written anew join the report that is open; else it is nothing new."""
    incoming, turn = request.incoming, request.turn
    has_words = bool(incoming.text) and incoming.command is None
    if has_words and is_allowed(turn.actor.roles, Action.REPORT):
        reports.add_change(turn, incoming.text, incoming.message_id)


def _note_blocking(turn: Turn, *, has_blocked: bool) -> None:
    if has_blocked:
        chats.note_blocked(turn)
    else:
        returning.come_back(turn, is_certain=True)
