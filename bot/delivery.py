"""From what is owed to what is sent: lanes, limits, and what became of each attempt.

A notice is claimed in a commit before it is sent and ended in a commit after, so that a crash
leaves it owed. Its words are made in between, from what is true then. Alarms go first, and room is
kept for them.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from telegram import Bot

from bot import logs, recording
from bot.clock import Clock
from bot.limits import AHEAD, Cost, Grant, Limits
from bot.outcomes import Failure, Halted, Outcome, Sent
from bot.requests import (
    Answer,
    Deletion,
    Departure,
    Edit,
    NewMessage,
    Request,
    Standing,
    choose,
    without_markup,
)
from bot.ringing import JustRung
from bot.sending import attempt
from bot.settling import DISK_RETRY, let_end, until_stored
from bot.waiting import Bell
from handlers.screens import Screen
from safety.notices import CallbackAnswer, Channel, Emptying, Lane, LeaveGroup, Notice, Removal
from safety.people import Recipient
from storage import chats, messages, outbox, routes, tickets
from storage.database import Database
from storage.moments import to_row
from storage.outbox import Owed
from storage.tickets import Ticket
from storage.transaction import Effects, Transaction
from storage.trouble import is_disk_trouble

LOOK_AT = 60  # tickets at once
LONGEST_WAIT = 60.0  # seconds without looking
LEAST_WAIT = 0.01  # seconds between two looks that nothing asked for
LOOKS_APART = 0.025  # real seconds between two looks that no alarm asks for
TOKEN_RETRY = timedelta(seconds=30)
RETRY_STEP = timedelta(seconds=2)  # after an unknown outcome, times the attempts so far
RETRY_LONGEST = timedelta(seconds=30)
FREE_KINDS = (CallbackAnswer, Removal, Emptying, LeaveGroup)
FREE_NAMES = frozenset(kind.__name__ for kind in FREE_KINDS)

Render = Callable[[Transaction, datetime, Owed], Screen | None]
End = Callable[[Transaction, datetime, Owed], bool]  # says whether organizers hear of it


@dataclass(frozen=True, slots=True)
class Heard:
    """Who hears of what does not arrive: called in the transaction that records it."""

    unreachable: Callable[[Transaction, datetime, Recipient], None]
    undelivered: Callable[[Transaction, datetime, Notice], None]


@dataclass(frozen=True, slots=True, repr=False)
class _Attempt:
    """One claimed notice and the right to send it."""

    owed: Owed
    grant: Grant


class Delivery:
    """Sends what the outbox holds, for as long as `run` runs."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        clock: Clock,
        render: Render,
        heard: Heard,
    ) -> None:
        self._database = database
        self._bot = bot
        self._clock = clock
        self._render = render
        self._heard = heard
        self._limits = Limits(clock)
        self._just_rung = JustRung(clock)
        self._bell = Bell(clock)
        self._has_alarm = asyncio.Event()
        self._alarmed_at = 0.0  # monotonic seconds: when an alarm was owed last
        self._flying: set[asyncio.Task[None]] = set()
        self._wording: set[int] = set()  # alarms that are being put into words
        self._has_worded = asyncio.Event()
        self._has_worded.set()
        database.on_commit(self._note_commit)

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Send until cancelled; requests under way belong to `tasks` and outlive this."""
        is_reclaimed = False
        while True:
            looked_at, change_at = self._clock.now(), self._limits.next_change()
            try:
                is_reclaimed = is_reclaimed or await self._reclaim()
                attempts = await self._take(looked_at)
            except Exception as error:
                if not is_disk_trouble(error):
                    raise
                logs.fault("claim-not-stored", error)
                self._begin(tasks, await self._take_unclaimed_alarms())
                await self._clock.sleep(DISK_RETRY)
                continue
            self._begin(tasks, attempts)
            await self._has_worded.wait()  # nobody looks for anything beside them
            if not attempts:
                rests_until = asyncio.get_running_loop().time() + LOOKS_APART
                await self._bell.wait(await self._pause(looked_at, change_at))
                await self._rest(rests_until)

    async def _rest(self, until: float) -> None:
        """Look no more often than it takes anybody to notice; an alarm is looked for at once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._has_alarm.wait()
        self._has_alarm.clear()

    async def drain(self) -> None:
        """Let the requests that are under way end, for a while."""
        await let_end(self._flying)

    @property
    def in_flight(self) -> int:
        """Count the notices that are being sent now."""
        return len(self._flying)

    def is_halted(self) -> bool:
        """Say whether the service halts everything, or the line is down."""
        return self._limits.is_halted

    def _note_commit(self, effects: Effects) -> None:
        if effects.alarms:
            self._alarmed_at = self._clock.monotonic()
            self._has_alarm.set()
        if effects.owes:
            self._bell.ring()

    async def _reclaim(self) -> bool:
        now = self._clock.now()
        reclaimed = await self._database.write(lambda tx: recording.reclaim(tx, now), urgent=True)
        if reclaimed:
            logs.note("reclaimed", count=reclaimed)
        return True

    def _begin(self, tasks: asyncio.TaskGroup, attempts: list[_Attempt]) -> None:
        self._wording |= {one.owed.id for one in attempts if one.grant.lane == Lane.ALARM}
        if self._wording:
            self._has_worded.clear()
        for one in attempts:
            task = tasks.create_task(self._deliver(one), name="delivery")
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _take(self, now: datetime) -> list[_Attempt]:
        """Claim as many notices as may go out now, the most urgent first."""
        busy = self._limits.busy_chats()
        paced = busy | self._limits.paced_chats(Lane.HOLD)
        alarm_paced = busy | (self._limits.paced_chats(Lane.ALARM) - self._just_rung.chats())
        edits = Lane.HOUSEKEEPING if self._limits.lets_edits else Lane.ALARM

        def alarms(tx: Transaction) -> list[Ticket]:
            return tickets.ready(tx, now, LOOK_AT, alarm_paced, least=Lane.ALARM)

        def everything(tx: Transaction) -> list[Ticket]:
            found = {
                *tickets.ready(tx, now, LOOK_AT, paced, edits=edits),
                *tickets.beside(tx, now, LOOK_AT, busy, *FREE_KINDS, edits=edits),
            }
            return sorted(found, key=lambda ticket: (ticket.lane, ticket.id))

        # Alarms go alone: nothing else is looked for, claimed and put into words beside them.
        found = await self._database.read(lambda tx: alarms(tx) or everything(tx))
        grants = self._admit(found)
        if found and not grants and found[0].lane == Lane.ALARM:
            grants = self._admit(await self._database.read(everything))
        return await self._claim(grants) if grants else []

    async def _take_unclaimed_alarms(self) -> list[_Attempt]:
        """A disk that takes no claims keeps no alarm: it goes out, and is ended when it can be.

        Until then its chat waits; after a crash it is sent once more.
        """
        now = self._clock.now()
        waiting = self._limits.busy_chats() | self._limits.paced_chats(Lane.ALARM)
        found = await self._database.read(
            lambda tx: tickets.ready(tx, now, LOOK_AT, waiting, least=Lane.ALARM)
        )
        grants = self._admit(found)
        try:
            owed = await self._database.read(lambda tx: outbox.look(tx, list(grants)))
        except BaseException:
            self._release(grants)
            raise
        return self._attempts(owed, grants)

    def _admit(self, found: Sequence[Ticket]) -> dict[int, Grant]:
        grants: dict[int, Grant] = {}
        for ticket in found:
            for cost in self._costs(ticket):
                grant = self._limits.admit(ticket.chat, ticket.lane, cost)
                if grant is not None:
                    grants[ticket.id] = grant
                    break
        return grants

    async def _claim(self, grants: dict[int, Grant]) -> list[_Attempt]:
        """Claim what may go out, urgently also where it is not: the next look waits for it."""
        try:
            claimed = await self._database.write(
                lambda tx: outbox.claim(tx, list(grants)), urgent=True
            )
        except BaseException:
            self._release(grants)
            raise
        return self._attempts(claimed, grants)

    def _attempts(self, found: Sequence[Owed], grants: dict[int, Grant]) -> list[_Attempt]:
        attempts = [_Attempt(owed, grants.pop(owed.id)) for owed in found]
        self._release(grants)  # withdrawn meanwhile
        return attempts

    def _costs(self, ticket: Ticket) -> tuple[Cost, ...]:
        """Give what it may go out as, what costs less first.

        What looks like a message may turn out to be an edit; then its right is given back. A ring
        right after a ring waits for nothing: it is a message where its chat takes no edit now.
        """
        if ticket.kind in FREE_NAMES:
            return (Cost.FREE,)
        if self._just_rung.covers(ticket.chat, ticket.card, ticket.kind):
            return (Cost.EDIT, Cost.MESSAGE)
        return (Cost.EDIT if ticket.is_edit else Cost.MESSAGE,)

    def _release(self, grants: dict[int, Grant]) -> None:
        for grant in grants.values():
            self._limits.release(grant)

    async def _pause(self, looked_at: datetime, change_at: float | None) -> float:
        """Say how long nothing can be sent, unless something new is owed.

        All that changes after the last look counts, also what has changed while it lasted.
        """
        moment = await self._database.read(lambda tx: outbox.next_moment(tx, looked_at))
        pauses = [LONGEST_WAIT]
        if moment is not None:
            pauses.append((moment - self._clock.now()).total_seconds())
        if change_at is not None:
            pauses.append(change_at - self._clock.monotonic())
        return max(min(pauses), LEAST_WAIT)

    async def _deliver(self, one: _Attempt) -> None:
        """Put one notice into words, send it, and store what became of it."""
        try:
            request = await self._prepare(one)
            if request is not None:
                while (wait := self._limits.wait_before(one.grant)) > 0:
                    await self._clock.sleep(wait)
                outcome = await self._attempt(one, request)
                await self._settle(one.owed, request, outcome)
        except Exception as error:  # noqa: BLE001 - a border: one notice never stops the others
            await self._put_back_after_fault(one.owed, error)
        finally:
            self._limits.release(one.grant)
            if one.grant.starts <= self._alarmed_at + AHEAD:
                self._has_alarm.set()  # it may have waited for this chat
            self._bell.ring()

    async def _attempt(self, one: _Attempt, request: Request) -> Outcome:
        """Send it; what is refused for its markup goes out once more without any."""
        try:
            outcome = await attempt(self._bot, request)
            if outcome is Failure.REFUSED and isinstance(request, NewMessage | Edit):
                logs.warn("refused", kind=type(one.owed.notice).__name__)
                outcome = await attempt(self._bot, without_markup(request))
        except BaseException:
            self._limits.answered(one.grant, was_sent=True)
            raise
        self._limits.answered(one.grant, was_sent=outcome is not Failure.NOT_SENT)
        if isinstance(request, NewMessage) and isinstance(outcome, Sent):
            self._just_rung.note(one.owed.chat, one.owed.notice, one.grant.starts)
        return outcome

    async def _prepare(self, one: _Attempt) -> Request | None:
        """Give the request to make now; None where the notice is dropped, or waits again."""
        owed, now = one.owed, self._clock.now()
        request = await self._find_words(one, now)
        if request is None:
            await self._write(owed, lambda tx: outbox.done(tx, owed.id))
            return None
        wait = self._limits.turn_into(one.grant, _cost_of(request))
        if wait > 0:
            later = now + timedelta(seconds=wait)
            await self._write(
                owed, lambda tx: outbox.put_back(tx, owed.id, later, was_tried=False)
            )
            return None
        return request

    async def _find_words(self, one: _Attempt, now: datetime) -> Request | None:
        """Put a notice into words; None where its time is over, or nothing is to be said."""
        owed, valid_for = one.owed, one.owed.notice.valid_for
        try:
            if valid_for is not None and now - owed.owed_at > valid_for:
                return None
            return await self._database.read(lambda tx: self._word(tx, owed, one.grant.cost))
        finally:
            self._wording.discard(owed.id)
            if not self._wording:
                self._has_worded.set()

    def _word(self, tx: Transaction, owed: Owed, cost: Cost) -> Request | None:
        if not outbox.is_owed(tx, owed.id):
            return None
        chat_id, notice = owed.recipient.chat_id, owed.notice
        screen = None
        if not isinstance(notice, Removal | LeaveGroup):
            screen = self._render(tx, self._clock.now(), owed)
        card = notice.card()
        standing = Standing(
            card=None if card is None else messages.on_card(tx, chat_id, card),
            has_just_rung=cost is Cost.EDIT
            and self._just_rung.covers(owed.chat, card, type(notice).__name__),
            edits=owed.edits,
            is_edits_protected=owed.edits is not None
            and messages.is_protected(tx, chat_id, owed.edits),
        )
        return choose(chat_id, notice, screen, standing)

    async def _settle(self, owed: Owed, request: Request, outcome: Outcome) -> None:
        """Store what became of an attempt."""
        now = self._clock.now()
        self._watch_line(owed, outcome)
        match outcome:
            case Sent(message_id):
                await self._write(
                    owed, lambda tx: recording.sent(tx, now, owed, request, message_id)
                )
            case Halted(wait):  # an alarm finds out meanwhile whether it still holds
                later = now if owed.notice.lane == Lane.ALARM else now + wait
                await self._write(
                    owed, lambda tx: outbox.put_back(tx, owed.id, later, was_tried=False)
                )
            case Failure():
                await self._settle_failure(owed, request, outcome)
            case _:
                assert_never(outcome)

    async def _settle_failure(self, owed: Owed, request: Request, failure: Failure) -> None:
        now = self._clock.now()
        match failure:
            case Failure.NOT_SENT | Failure.TOKEN_REFUSED:
                await self._write(owed, lambda tx: self._record(tx, now, owed, recording.unsent))
            case Failure.UNKNOWN:
                await self._settle_unknown(owed, request)
            case Failure.UNREACHABLE:
                await self._write(owed, lambda tx: self._record_unreachable(tx, now, owed))
            case Failure.TARGET_GONE if isinstance(request, Edit):
                target = request.message_id
                await self._write(owed, lambda tx: recording.target_gone(tx, owed, target))
            case Failure.REFUSED if isinstance(request, NewMessage) and recording.may_be_taken(
                now, owed
            ):
                await self._write(
                    owed, lambda tx: self._record(tx, now, owed, recording.after_fault)
                )
            case Failure.TARGET_GONE | Failure.REFUSED:
                logs.warn("given-up", kind=type(owed.notice).__name__, lane=owed.notice.lane)
                await self._write(owed, lambda tx: self._give_up(tx, now, owed, request))
            case _:
                assert_never(failure)

    async def _settle_unknown(self, owed: Owed, request: Request) -> None:
        """Nobody can say whether it arrived: what does no harm twice is done again.

        A new message follows its own rule; a repeat knows that it is one.
        """
        now = self._clock.now()
        later = now + min(RETRY_STEP * owed.attempts, RETRY_LONGEST)
        is_new = isinstance(request, NewMessage)

        def note(tx: Transaction) -> None:
            outbox.put_back(tx, owed.id, later, was_tried=True)
            if is_new:
                recording.unknown(tx, now, owed)

        await self._write(owed, note)

    async def _put_back_after_fault(self, owed: Owed, error: Exception) -> None:
        logs.fault("notice-fault", error, kind=type(owed.notice).__name__)
        now = self._clock.now()
        await self._write(owed, lambda tx: self._record(tx, now, owed, recording.after_fault))

    def _record(self, tx: Transaction, now: datetime, owed: Owed, end: End) -> None:
        if end(tx, now, owed):
            self._heard.undelivered(tx, now, owed.notice)

    def _give_up(self, tx: Transaction, now: datetime, owed: Owed, request: Request) -> None:
        if isinstance(request, NewMessage):
            outbox.give_up(tx, owed.id)
            self._heard.undelivered(tx, now, owed.notice)
        else:
            outbox.done(tx, owed.id)

    def _record_unreachable(self, tx: Transaction, now: datetime, owed: Owed) -> None:
        outbox.withdraw_chat(tx, owed.recipient, {Channel.CHAT})
        outbox.done(tx, owed.id)
        chat_id = owed.recipient.chat_id
        is_known = bool(routes.of_chat(tx, chat_id))  # of strangers nothing is kept
        if is_known and chats.silence_reason(tx, chat_id) is None:
            chats.silence(tx, chat_id, chats.BLOCKED, to_row(now))
            self._heard.unreachable(tx, now, owed.recipient)

    def _watch_line(self, owed: Owed, outcome: Outcome) -> None:
        """Slow down while the service halts us, or nobody can say whether anything arrives."""
        match outcome:
            case Halted(wait):
                logs.warn("halted", seconds=int(wait.total_seconds()), lane=owed.notice.lane)
                self._limits.hold_chat(owed.chat, wait)
            case Failure.NOT_SENT | Failure.UNKNOWN:
                self._limits.failed(owed.chat)
            case Failure.TOKEN_REFUSED:
                logs.warn("token-refused")
                self._limits.hold_all(TOKEN_RETRY)
            case _:
                self._limits.worked(owed.chat)

    async def _write(self, owed: Owed, work: Callable[[Transaction], object]) -> None:
        """Store an outcome, as soon as the disk takes it; until then its chat waits."""
        is_urgent = owed.notice.lane <= Lane.HOLD
        await until_stored(self._database, self._clock, work, urgent=is_urgent)


def _cost_of(request: Request) -> Cost:
    match request:
        case NewMessage():
            return Cost.MESSAGE
        case Edit():
            return Cost.EDIT
        case Deletion() | Answer() | Departure():
            return Cost.FREE
        case _:
            assert_never(request)
