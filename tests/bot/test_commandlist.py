"""The page of commands says what the table says."""

from pathlib import Path

from bot.commandlist import write_commands
from handlers.routes import TABLE
from handlers.texts import Texts

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_the_table() -> None:
    """Whoever reads the page reads what the bot does; `make docs` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == write_commands(TABLE, Texts.load())


def test_the_page_names_every_command_once() -> None:
    """Nothing is hidden, and nothing is named twice."""
    page = write_commands(TABLE, Texts.load())
    assert all(page.count(f"| `/{command.name}`") == 1 for command in TABLE.commands)
