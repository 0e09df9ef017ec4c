"""The page of lives says what the table says, and the table says what the settings are called."""

import tomllib
from pathlib import Path

from bot.lifelist import write_lives
from bot.template import TEMPLATE
from safety.lives import LIVES
from safety.policy import Policy

PAGE = Path(__file__).parents[2] / "docs" / "retention.md"


def test_the_page_of_lives_is_the_table() -> None:
    """Whoever reads the page reads what the bot does; `make docs` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == write_lives(Policy())


def test_every_life_has_a_line_of_the_page() -> None:
    """Nothing is hidden, and nothing is named twice."""
    page = write_lives(Policy())
    assert all(page.count(f"\n| {life.kind.value} |") == 1 for life in LIVES)


def test_a_setting_that_is_named_exists() -> None:
    """Whoever wants a shorter life finds the key in the configuration."""
    known = tomllib.loads(TEMPLATE)
    for life in LIVES:
        if life.setting:
            section, _, names = life.setting.partition(" ")
            assert set(names.split(", ")) <= known[section.strip("[]")].keys()
