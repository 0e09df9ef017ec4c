"""Saying hello to the service: who are we, and one menu for all.

The menu of commands is the same for everyone: it must not tell who is an organizer.
"""

from telegram import Bot, BotCommand

from handlers.context import Table
from handlers.texts import Texts
from safety.languages import Language
from safety.policy import Policy


async def introduce(bot: Bot, policy: Policy, texts: Texts, table: Table) -> str:
    """Give the bot's own user name, and set its menu in each language.

    Raises:
        TelegramError: the service cannot be reached, or refuses the token.
    """
    me = await bot.get_me()
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
