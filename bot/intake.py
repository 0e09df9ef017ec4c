"""Taking updates in: sealed and committed before the service is told that we have them (ADR-0002).

The next poll confirms what the last one gave, so it is made only after the commit. Nothing here
ends silently: every trouble is shown, and tried again. Handling is never waited for.
"""

import contextlib
import json
import warnings
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telegram import Bot
from telegram.error import (
    Conflict,
    EndPointNotFound,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBUserWarning

from bot import logs
from bot.clock import Clock
from safety.people import ChatId
from storage import counters, inbox
from storage.database import Database, is_disk_trouble
from storage.inbox import Received
from storage.moments import to_row

POLL = 30  # seconds; the service ends a poll after 50
ANSWER_MARGIN = 15.0  # real seconds that an answer may be late
BATCH = 100  # updates
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds; the last one again and again
CONFLICT_PAUSE = 5.0  # seconds: another poller is there, and the newer one wins
DISK_PAUSE = 1.0  # seconds
LAST_POLL = "last-poll"  # the counter that keeps when polling went well, in milliseconds
STORE_EVERY = timedelta(seconds=60)


@dataclass(slots=True)
class PollState:
    """How polling goes: when it last went well, and what has been wrong since."""

    last_good: datetime | None = None
    trouble: str | None = None
    trouble_since: datetime | None = None
    failures: int = 0

    def note_good(self, now: datetime) -> None:
        """A poll went well."""
        if self.trouble is not None:
            logs.note("poll-good-again", count=self.failures)
        self.last_good, self.trouble, self.trouble_since, self.failures = now, None, None, 0

    def note_trouble(self, trouble: str, now: datetime) -> None:
        """A poll failed."""
        if trouble != self.trouble:
            logs.warn("poll-trouble", state=trouble)
            self.trouble, self.trouble_since = trouble, now
        self.failures += 1


@dataclass(slots=True)
class Intake:
    """Polls for as long as `run` runs; `arrived` is called after each commit."""

    database: Database
    bot: Bot
    clock: Clock
    is_alarm_like: Callable[[bytes], bool]
    arrived: Callable[[], None]
    on_storage_failure: Callable[[Sequence[Received]], Awaitable[None]]
    state: PollState = field(default_factory=PollState)
    stored_at: datetime | None = None

    async def run(self) -> None:
        """Poll until cancelled."""
        warnings.filterwarnings(
            "ignore", message=r"Please use 'Bot\.getUpdates'", category=PTBUserWarning
        )
        offset = await self.database.read(inbox.offset)
        while True:
            updates = await self._poll(offset)
            if updates:
                offset = await self._store(updates, offset)

    async def _poll(self, offset: int) -> list[Received]:
        """Give what the service has, or nothing after a pause if it could not be asked."""
        try:
            answer: object = await self.bot.do_api_request(
                "getUpdates",
                {
                    "offset": offset,
                    "timeout": POLL,
                    "limit": BATCH,
                    "allowed_updates": list(ALLOWED),
                },
                read_timeout=POLL + ANSWER_MARGIN,
            )
        except TelegramError as error:
            trouble, pause = _trouble(error, self.state.failures)
            self.state.note_trouble(trouble, self.clock.now())
            await self.clock.sleep(pause)
            return []
        await self._note_good()
        raw = answer if isinstance(answer, list) else []
        return [update for item in raw if (update := self._read(item)) is not None]

    async def _note_good(self) -> None:
        """Remember a good poll; now and then on disk, for `aman status`."""
        now = self.clock.now()
        self.state.note_good(now)
        if self.stored_at is None or now - self.stored_at >= STORE_EVERY:
            self.stored_at = now
            with contextlib.suppress(Exception):  # the next storing of updates says what is wrong
                await self.database.write(
                    lambda tx: counters.set_value(tx, LAST_POLL, to_row(now))
                )

    def _read(self, item: object) -> Received | None:
        update_id = item.get("update_id") if isinstance(item, dict) else None
        if not isinstance(update_id, int) or not 0 <= update_id < 2**62:
            logs.warn("update-without-id")
            return None
        raw = json.dumps(item).encode()
        return Received(update_id, chat_of(item), self.is_alarm_like(raw), raw)

    async def _store(self, updates: Sequence[Received], offset: int) -> int:
        """Commit updates and give the offset to poll with, which moves only with the commit."""
        now = self.clock.now()
        try:
            await self.database.write(
                lambda tx: inbox.receive(tx, now, updates),
                urgent=any(update.is_alarm_like for update in updates),
            )
        except Exception as error:  # noqa: BLE001 - a border: taking in must never end
            logs.fault("intake-not-stored", error, count=len(updates))
            return await self._after_failure(updates, offset, error)
        self.arrived()
        return updates[-1].update_id + 1

    async def _after_failure(
        self, updates: Sequence[Received], offset: int, error: Exception
    ) -> int:
        """A full disk keeps alarms from nobody; one broken update keeps no others out."""
        alarms = [update for update in updates if update.is_alarm_like]
        if alarms:
            await self.on_storage_failure(alarms)
        if is_disk_trouble(error):
            await self.clock.sleep(DISK_PAUSE)
            return offset
        if len(updates) > 1:
            for update in updates:
                offset = await self._store([update], offset)
            return offset
        logs.warn("update-set-aside")
        return updates[0].update_id + 1


def chat_of(item: object) -> ChatId | None:
    """Find the private chat that an update belongs to, in raw JSON; None where there is none."""
    if not isinstance(item, dict):
        return None
    for name in ("message", "edited_message", "my_chat_member"):
        chat = _part(item.get(name), "chat")
        if chat is not None:
            return _id(chat) if _value(chat, "type") == "private" else None
    return _id(_part(item.get("callback_query"), "from"))


def _part(value: object, name: str) -> object | None:
    found = _value(value, name)
    return found if isinstance(found, dict) else None


def _value(value: object, name: str) -> object | None:
    return value.get(name) if isinstance(value, dict) else None


def _id(value: object) -> ChatId | None:
    found = _value(value, "id")
    return ChatId(found) if isinstance(found, int) and abs(found) < 2**62 else None


def _trouble(error: TelegramError, failures: int) -> tuple[str, float]:
    """Name what is wrong, and say how long to wait before trying again."""
    pause = PAUSES[min(failures, len(PAUSES) - 1)]
    match error:
        case RetryAfter():
            wait = error.retry_after
            return "halted", wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        case Conflict():
            return "conflict", CONFLICT_PAUSE
        case InvalidToken() | EndPointNotFound():
            return "token-refused", PAUSES[-1]
        case NetworkError():
            return "no-line", pause
        case _:
            return "no-sense", pause
