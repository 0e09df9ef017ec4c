"""The three languages, and which one a person is spoken to in."""

from collections.abc import Sequence
from enum import StrEnum


class Language(StrEnum):
    """The languages that every text exists in."""

    KK = "kk"
    RU = "ru"
    EN = "en"


def choose_language(
    code: str | None, configured: Sequence[Language], default: Language
) -> Language:
    """Choose by what Telegram says of a phone, such as `ru` or `en-GB`, else `default`."""
    spoken = (code or "").lower().split("-")[0]
    return next((language for language in configured if language.value == spoken), default)
