"""Saying hello to the service: who are we, does nobody else get our updates, one menu for all.

The menu of commands is the same for everyone: it must not tell who is an organizer.
"""

from telegram import Bot, BotCommand

from bot.config import ConfigError
from handlers.context import Table
from handlers.texts import Texts
from safety.languages import Language
from safety.policy import Policy


async def introduce(bot: Bot, policy: Policy, texts: Texts, table: Table) -> str:
    """Give the bot's own user name, and set its menu in each language.

    Raises:
        ConfigError: a webhook is set, so that updates go somewhere else.
        TelegramError: the service cannot be reached, or refuses the token.
    """
    me = await bot.get_me()
    webhook = await bot.get_webhook_info()
    if webhook.url:
        raise ConfigError(
            "This bot's updates go to a webhook: somebody else may be reading them. "
            "Find out who set it, then remove it."
        )
    await bot.set_my_commands(menu(table, texts, policy.default_language))
    for language in policy.languages:
        await bot.set_my_commands(menu(table, texts, language), language_code=language.value)
    return me.username or ""


def menu(table: Table, texts: Texts, language: Language) -> list[BotCommand]:
    """Give the one menu, in a language."""
    return [
        BotCommand(command.name, texts.plain(language, command.help))
        for command in table.commands
        if command.is_in_menu
    ]
