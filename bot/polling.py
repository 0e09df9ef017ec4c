"""Asking for updates: the next poll confirms what the last one gave, so it waits for the commit.

Nothing here ends silently: every trouble is shown, and tried again.
"""

import warnings
from dataclasses import dataclass

from telegram import Bot
from telegram.warnings import PTBUserWarning

from bot import logs
from bot.hearing import is_known, trouble_of, wait_of
from bot.intake import ALLOWED, Intake
from safety.intake import Trouble
from storage import inbox

POLL = 30  # seconds; the service ends a poll after 50
GRACE = 15.0  # real seconds beyond the poll until an answer is there, all of it
ANSWER_WITHIN = POLL + GRACE
BATCH = 100  # updates
DISK_PAUSE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Polling:
    """Polls for as long as `run` runs. `former_webhook`: an address of our own that may go."""

    intake: Intake
    bot: Bot
    former_webhook: str = ""

    async def run(self) -> None:
        """Poll until cancelled."""
        warnings.filterwarnings(
            "ignore", message=r"Please use 'Bot\.getUpdates'", category=PTBUserWarning
        )
        try:
            offset = await self.intake.database.read(inbox.offset)
        except Exception:
            self.intake.hearing.note_trouble(Trouble.NOT_STORED)
            raise
        is_good = False
        while True:
            offset, is_good = await self._poll(offset, POLL if is_good else 0)

    async def _poll(self, offset: int, seconds: int) -> tuple[int, bool]:
        """Take in what the service has; give the next offset, and whether all went well.

        It waits `seconds` for something to come: none at first and after a failure, so that it
        shows at once that the service answers.
        """
        try:
            answer = await self._ask(offset, seconds)
        except Exception as error:  # noqa: BLE001 - a border: whatever it answers, we ask again
            if not is_known(error):
                logs.fault("poll-fault", error)
            await self._after_failure(error)
            return offset, False
        items = answer if isinstance(answer, list) else [answer]
        updates = await self.intake.read_all(items)
        if items and not updates:  # it would come again at once, and again
            self.intake.hearing.note_trouble(Trouble.NO_SENSE)
            await self.intake.clock.sleep(self.intake.hearing.pause())
            return offset, False
        taken = await self.intake.take(updates, is_polled=True) if updates else 0
        is_good = taken == len(updates)
        if is_good:
            self.intake.hearing.note_heard()
        else:
            await self.intake.clock.sleep(DISK_PAUSE)
        return (updates[taken - 1].update_id + 1 if taken else offset), is_good

    async def _ask(self, offset: int, seconds: int) -> object:
        answer: object = await self.bot.do_api_request(
            "getUpdates",
            {
                "offset": offset,
                "timeout": seconds,
                "limit": BATCH,
                "allowed_updates": list(ALLOWED),
            },
            read_timeout=seconds + GRACE,
        )
        return answer

    async def _after_failure(self, error: Exception) -> None:
        trouble = trouble_of(error)
        if trouble is Trouble.FOREIGN_WEBHOOK and self.former_webhook:
            try:
                if await self._removes_own_webhook():
                    return
            except Exception as second:  # noqa: BLE001 - as above; whose it is nobody knows yet
                logs.fault("webhook-not-removed", second)
                trouble = trouble_of(second)
        self.intake.hearing.note_trouble(trouble)
        await self.intake.clock.sleep(max(self.intake.hearing.pause(), wait_of(error)))

    async def _removes_own_webhook(self) -> bool:
        """Take a webhook away if it is the one we were told to; what waits there comes to us."""
        info = await self.bot.get_webhook_info()
        if info.url != self.former_webhook:
            return False
        self.intake.hearing.note_own_webhook()
        await self.bot.delete_webhook(drop_pending_updates=False)
        logs.note("webhook-removed")
        return True
