"""The notice that offers the languages."""

from dataclasses import dataclass

from safety.notices import Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LanguageChoice(Notice):
    """A button for each language, in its own words."""
