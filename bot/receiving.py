"""How updates come: asked for by ourselves, or delivered to an address of ours."""

from typing import Protocol

from telegram import Bot

from bot.config import Config
from bot.intake import Intake
from bot.polling import Polling


class Receiving(Protocol):
    """Takes updates in for as long as `run` runs."""

    async def run(self) -> None:
        """Take them in until cancelled."""
        ...


def receive_with(config: Config, intake: Intake, bot: Bot) -> Receiving:
    """Make what takes updates in as the configuration says; a server is loaded only to be used."""
    webhook, former = config.webhook, config.former_webhook
    if webhook is None:
        return Polling(intake, bot, former)
    from bot.webhook import Webhook  # noqa: PLC0415 - two MiB of memory that polling never needs

    return Webhook(intake, bot, webhook, former)
