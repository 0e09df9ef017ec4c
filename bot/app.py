"""The composition root: everything is made, joined and started here, and nowhere else.

The same application runs under `aman run`, in the rehearsal and in the tests. Each part runs on
when another has trouble; the end is clean, and whatever was acknowledged stays.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

import httpx
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import figures, logs, mounts
from bot.asking import Asking, OnAnswer
from bot.auditor import Auditor
from bot.ballast import BallastKeeper
from bot.bare import BareAlarms
from bot.bareletters import BareLetters
from bot.checkedclock import CheckedClock
from bot.clock import Clock, SystemClock
from bot.config import Config, ConfigError, ask_for_durations, spare_searches
from bot.custody import Custody
from bot.delivery import Delivery, Heard
from bot.downloads import Downloads
from bot.evidence import EvidenceStore
from bot.handling import Handling
from bot.hearing import Hearing
from bot.heartbeat import Heartbeat
from bot.intake import Intake
from bot.introduction import introduce
from bot.lawfile import LawKeeper
from bot.limits import IN_FLIGHT
from bot.linewatch import LineWatch
from bot.outcomes import NO_SENSE
from bot.polling import ANSWER_WITHIN
from bot.receiving import receive_with
from bot.secondchannel import SecondChannel, make_ways
from bot.standby import Standby
from bot.wakeups import Sweep, Wakeups
from bot.watch import Watch
from coordination import auditing, privacy, secondaddresses, undelivered, unreachable
from coordination.auditing import Finding
from coordination.ballast import note_storage
from coordination.housekeeping import SWEEPS
from coordination.locking import follow_keys
from coordination.schedule import set_anew
from coordination.timetable import run_timer
from coordination.turns import Work
from handlers import rendering
from handlers.guard import Guard
from handlers.incoming import is_alarm_like
from handlers.routes import TABLE
from handlers.screens import Screen
from handlers.texts import Texts
from safety.figures import Figure
from safety.lawrules import LawRules
from safety.notices import Notice
from safety.people import Recipient, TeamId
from safety.secondaddresses import Answer, SecondAddress
from safety.secondchannel import SecondNotice
from storage import inbox, outbox
from storage.ballast import Ballast
from storage.database import Database
from storage.intake import seen_at
from storage.lease import Claimant, Fence, OvertakenError
from storage.outbox import Owed
from storage.timers import Due
from storage.transaction import Effects, Transaction
from storage.vault.digests import token_mark
from storage.vault.keyring import Keyring

SEND_TIMEOUT = 15.0  # real seconds without a byte until nobody knows whether a message arrived
RESTART_PAUSES = (0.1, 1.0, 5.0, 30.0)  # seconds before a part that broke is started again
RUN_WELL = 60.0  # seconds after which earlier failures of a part count no more
REMOVED_AT_ONCE = 500  # messages
KEYS_LOOK = 1.0  # seconds


class Application:
    """The whole bot. `async with` opens it; `run` works until `stop` is called."""

    def __init__(
        self, config: Config, slots: Keyring, clock: Clock, *, takes_over: bool = False
    ) -> None:
        self._config = config
        self._clock = clock = CheckedClock(clock)
        lasting = mounts.find_lasting(config.directory)
        self._policy = replace(config.policy, overwrites_in_place=lasting is None)
        self._texts = Texts.load(default=config.policy.default_language)
        self._guard = Guard(TABLE)
        self._stopping = asyncio.Event()
        self._started = asyncio.Event()
        self._slots = slots
        self._followed: tuple[bool, int] | None = None  # whether, and how often, it was locked
        self._open = AsyncExitStack()
        self._bot = make_bot(config, clock.note_served)
        self._client = httpx.AsyncClient(
            proxy=config.proxy, trust_env=False, timeout=SEND_TIMEOUT, follow_redirects=False
        )
        ballast = Ballast(config.ballast_path)
        kernel, is_shared = mounts.running_kernel(), mounts.is_shared(config.directory)
        self._claimant = Claimant(kernel, clock.now, is_shared, takes_over)
        self._fence = Fence(self._claimant)
        self.database = Database(config.database_path, slots, ballast=ballast, fence=self._fence)
        self.database.on_commit(self._note_commit)
        self._ballast = BallastKeeper(self.database, ballast, clock, self._note_storage)
        self._join_the_ways(clock)
        self._auditor = Auditor(self.database, clock, self._look_for_lags, self._catch_up)
        store = EvidenceStore(config.evidence_path, self._work)
        sweeps: list[Sweep] = [
            *map(self._sweep, SWEEPS.values()),
            self._sweep(set_anew),
            partial(store.clear, self.database),
        ]
        self._wakeups = Wakeups(self.database, clock, self._run_timer, self._remove_due, sweeps)
        self._downloads = Downloads(self.database, self._bot, clock, self._client, store.store())
        self._custody = Custody(config, self.database, slots, clock)
        self._law = LawKeeper(config.rules_path, config.policy.languages, clock, self._use_law)
        self._heartbeat = Heartbeat(config.pulse, self.database, self._client, clock, self.hearing)

    def _join_the_ways(self, clock: Clock) -> None:
        """Make what takes updates in, handles them and sends, and what may stop all three."""
        self._delivery = Delivery(
            self.database,
            self._bot,
            clock,
            self._render,
            Heard(self._note_unreachable, self._note_undelivered),
        )
        self._bare = BareAlarms(self.database, self._bot, self._texts, self._fence)
        self._handling = Handling(
            self.database, clock, self._handle, self._give_up, self._bare.raise_for_raw
        )
        self.hearing = Hearing(clock)
        intake = Intake(
            self.database,
            clock,
            self.hearing,
            is_alarm_like,
            self._handling.arrived,
            self._bare.raise_for,
            self._give_up,
        )
        self._receiving = receive_with(self._config, intake, self._bot)
        token = token_mark(self._config.require_token())
        self._watch = Watch(self.database, clock, self.hearing, self._work, token)
        self._ways = make_ways(self._config.second, clock)
        self._second = self._make_second_channel()
        self._line = self._make_line_watch()
        self._standby = Standby(
            self.database,
            self._bot,
            SystemClock(),
            self._fence,
            self._claimant,
            self.hearing,
        )
        self._fence.gate, self._fence.on_lost = self._standby.make_certain, self._note_overtaken
        self._fence.is_open = self._standby.needs_no_look

    def _make_second_channel(self) -> SecondChannel:
        return SecondChannel(
            self.database,
            self._clock,
            self._ways,
            self._render,
            self._second_address,
            self._note_answer,
        )

    def _make_line_watch(self) -> LineWatch:
        return LineWatch(
            self.database,
            self._clock,
            self._work,
            self.hearing,
            self._delivery.is_halted,
            BareLetters(self.database, self._clock, self._work, self._ways, self._texts),
        )

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._client)
            await opening.enter_async_context(self.database)
            last = await self.database.read(seen_at)
            if last is not None:
                self._clock.go_on_from(last)
            await opening.enter_async_context(_open_bot(self._bot))
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    async def run(self) -> None:
        """Work until `stop` is called.

        Raises:
            ConfigError: the service refuses the token.
            OvertakenError: another copy of this bot works, or has begun to.
        """
        try:
            await self._work_until_stopped()
        except Exception:
            if not self._fence.is_lost:
                raise
        if self._fence.is_lost:  # whatever else broke, it broke behind the fence
            raise OvertakenError

    async def _work_until_stopped(self) -> None:
        introduced = await self._introduce_now()
        await self._standby.begin()  # just before the first poll: no gap between the two
        await self._bare.refresh()
        await self._law.look()
        async with asyncio.TaskGroup() as tasks:
            parts: list[tuple[str, Callable[[], Awaitable[None]]]] = [
                ("standby", self._standby.run),
                ("keys", self._follow_keys),
                ("handling", self._handling.run),
                ("delivery", lambda: self._delivery.run(tasks)),
                ("second-channel", lambda: self._second.run(tasks)),
                ("wakeups", self._wakeups.run),
                ("auditor", self._auditor.run),
                ("intake", self._receiving.run),
                ("watch", self._watch.run),
                ("downloads", self._downloads.run),
                ("ballast", self._ballast.run),
                ("heartbeat", self._heartbeat.run),
                ("custody", self._custody.run),
                ("copies", self._custody.run_copies),
                ("law-rules", self._law.run),
                ("bare-alarms", lambda: self._bare.keep_fresh(self._clock)),
            ]
            if self._config.second.kinds:
                parts.append(("line", self._line.run))
            if not introduced:
                parts.append(("introduction", self._introduce_later))
            running = [
                tasks.create_task(self._keep(name, part), name=name) for name, part in parts
            ]
            self._started.set()
            logs.note("started")
            await self._stopping.wait()
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            if self._fence.is_lost:
                raise OvertakenError  # what is under way is waited for no more
            await asyncio.gather(self._delivery.drain(), self._second.drain())
        logs.note("stopped")

    def stop(self) -> None:
        """End `run` cleanly; safe to call from a signal handler of the loop."""
        self._stopping.set()

    async def has_started(self) -> None:
        """Come back when every part works."""
        await self._started.wait()

    async def count(self) -> list[Figure]:
        """Say how much waits and since when, in lines that name nobody."""
        now, hearing = self._clock.now(), self.hearing
        return [
            *await self.database.read(lambda tx: figures.of_rows(self._work(tx, now), hearing)),
            figures.of_clock(self._clock),
            figures.of_fence(is_shut=self._fence.is_lost),
            figures.of_audit(self._auditor.looked_at, self._auditor.behind, now),
            figures.of_heartbeat(self._heartbeat, now),
            figures.of_copies(self._custody.uncopied),
            figures.of_memory(),
        ]

    async def is_quiet(self) -> bool:
        """Say whether nothing waits: no update, no notice, no download, nothing that is due."""

        def has_work(tx: Transaction) -> bool:  # of one moment: work goes from one to the other
            is_due = self._wakeups.has_due(tx) or not self._downloads.is_idle(tx)
            return is_due or _count_waiting(tx) > 0

        if not self._started.is_set() or self._delivery.in_flight:
            return False
        return not await self.database.read(has_work)

    async def _keep(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Start a part again when it breaks; a part that has ended is done."""
        failures = 0
        while True:
            began = self._clock.monotonic()
            try:
                await part()
            except Exception as error:  # noqa: BLE001 - the outer border
                logs.fault("part-broke", error, kind=name.replace("-", "_"))
                ran_well = self._clock.monotonic() - began > RUN_WELL
                failures = 0 if ran_well else failures
                await self._clock.sleep(RESTART_PAUSES[min(failures, len(RESTART_PAUSES) - 1)])
                failures += 1
            else:
                return

    async def _follow_keys(self) -> None:
        """Notice within a second that keys were dropped or came back, by whatever hand."""
        while True:
            now = self._slots.is_locked, self._slots.lockings
            if now != self._followed:
                # In between they may have been away for less than a look.
                were_away = self._followed is not None and self._followed[1] != now[1]
                await self.database.write(partial(self._follow, were_away=were_away))
                self._followed = now
            await self._clock.sleep(KEYS_LOOK)

    def _follow(self, tx: Transaction, *, were_away: bool) -> None:
        follow_keys(self._work(tx, self._clock.now()), were_away=were_away)

    def _note_overtaken(self) -> None:
        logs.warn("overtaken")
        self.stop()

    def _note_commit(self, effects: Effects) -> None:
        if effects.locks:
            self._followed = True, self._slots.lockings

    async def _introduce_now(self) -> bool:
        """Ask the service who we are; False if it cannot be reached now."""
        try:
            username = await introduce(self._bot, self._policy, self._texts, TABLE)
        except InvalidToken:
            raise ConfigError("Telegram does not accept the bot token in [telegram].") from None
        except (TelegramError, *NO_SENSE) as error:
            logs.fault("introduction-failed", error)
            return False
        self._policy = replace(self._policy, bot_username=username)
        return True

    async def _introduce_later(self) -> None:
        while not await self._introduce_now():
            await self._clock.sleep(RESTART_PAUSES[-1])

    def _use_law(self, law: LawRules) -> None:
        self._policy = replace(self._policy, law=law)

    def _work(self, tx: Transaction, now: datetime) -> Work:
        return Work(tx, now, self._policy)

    def _handle(self, tx: Transaction, now: datetime, seq: int, raw: bytes) -> None:
        self._guard.handle(self._work(tx, now), seq, raw)

    def _give_up(self, tx: Transaction, now: datetime, raw: bytes, is_first: bool) -> None:  # noqa: FBT001 - of one meaning
        self._guard.give_up(self._work(tx, now), raw, is_first=is_first)

    def _run_timer(self, tx: Transaction, now: datetime, due: Due) -> None:
        run_timer(self._work(tx, now), due)

    def _look_for_lags(self, tx: Transaction, now: datetime) -> list[Finding]:
        return auditing.look(self._work(tx, now))

    def _catch_up(self, tx: Transaction, now: datetime, finding: Finding) -> None:
        auditing.catch_up(self._work(tx, now), finding)

    def _sweep(self, sweep: Callable[[Work], None]) -> Sweep:
        return lambda now: self.database.write(lambda tx: sweep(self._work(tx, now)))

    def _remove_due(self, tx: Transaction, now: datetime) -> None:
        privacy.remove_due(self._work(tx, now), REMOVED_AT_ONCE)

    def _note_storage(self, tx: Transaction, now: datetime, is_low: bool) -> None:  # noqa: FBT001 - of one meaning
        note_storage(self._work(tx, now), is_low=is_low)

    def _render(self, tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
        return rendering.render(
            self._work(tx, now),
            TABLE,
            self._texts,
            owed.recipient,
            owed.notice,
            attempt=owed.attempts,
        )

    def _second_address(
        self, tx: Transaction, now: datetime, team_id: TeamId
    ) -> SecondAddress | None:
        return secondaddresses.usable(self._work(tx, now), team_id)

    def _note_answer(
        self, tx: Transaction, now: datetime, notice: SecondNotice, answer: Answer
    ) -> None:
        secondaddresses.note_answer(self._work(tx, now), notice, answer)

    def _note_unreachable(self, tx: Transaction, now: datetime, recipient: Recipient) -> None:
        """Let organizers know whom one has to call."""
        logs.note("chat-unreachable")
        unreachable.note(self._work(tx, now), recipient)

    def _note_undelivered(self, tx: Transaction, now: datetime, notice: Notice) -> None:
        """Let organizers know that something does not get out."""
        undelivered.note(self._work(tx, now), notice)


def make_bot(config: Config, on_answer: OnAnswer | None = None) -> Bot:
    """Make the bot that calls the service; it stays out of everything that parses updates.

    `on_answer` is told when the service dates each of its answers.
    """
    ask_for_durations()
    spare_searches()
    sending = Asking(
        connections=IN_FLIGHT + 2,
        answer_timeout=SEND_TIMEOUT,
        patience=2 * SEND_TIMEOUT,
        proxy=config.proxy,
        on_answer=on_answer,
    )
    polling = Asking(
        connections=1,
        answer_timeout=ANSWER_WITHIN,
        patience=ANSWER_WITHIN,
        proxy=config.proxy,
        on_answer=on_answer,
    )
    return Bot(
        config.require_token(),
        base_url=f"{config.api_url}/bot",
        base_file_url=f"{config.api_url}/file/bot",
        request=sending,
        get_updates_request=polling,
    )


@contextlib.asynccontextmanager
async def _open_bot(bot: Bot) -> AsyncIterator[None]:
    """Open the two connection pools, without the `getMe` that `Bot.initialize` would insist on."""
    requests = bot._request  # noqa: SLF001 - the only way to both
    for request in requests:
        await request.initialize()
    try:
        yield
    finally:
        for request in requests:
            await request.shutdown()


def _count_waiting(tx: Transaction) -> int:
    return inbox.count_waiting(tx) + outbox.waiting(tx)
