"""Every word a person reads comes from here, in their language, escaped exactly once.

The words stand in `locales/<language>/LC_MESSAGES/<feature>.po`; their keys are ids such as
`alarm-seen`, in English too. A text may hold `{placeholders}` and the tags <b>, <i> and <code>.
What people typed goes in as a value: it can neither add markup nor turn the line around.
"""

import gettext
import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from typing_extensions import override

from safety.languages import Language

# Control characters, marks that turn the direction of text, halves of letters that cannot be sent.
# Line breaks stay, and so do the joiners inside emoji.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ud800-\\udfff]"
)


class Html(str):
    """Text that is markup already, such as a link made by a renderer: it is not escaped again."""

    __slots__ = ()


class _Nothing(gettext.NullTranslations):
    """The end of the search: what no catalogue knows is a fault, never shown as a bare key."""

    @override
    def gettext(self, message: str) -> str:
        raise KeyError(message)

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)


class Texts:
    """The catalogues of all features, one search per language: itself, the default, English."""

    def __init__(self, catalogs: Mapping[Language, Catalog], default: Language) -> None:
        compiled = {language: _compiled(catalogs[language]) for language in Language}
        self._searches = {
            language: _search(compiled, (language, default, Language.EN)) for language in Language
        }
        self.keys = frozenset(
            str(_key(message.id)) for message in catalogs[Language.EN] if message.id
        )

    @classmethod
    def load(
        cls, directory: Traversable | None = None, default: Language = Language.EN
    ) -> "Texts":
        """Read every catalogue below `directory`, by default the ones that come with Aman.

        Raises:
            ValueError: a catalogue is malformed, or two features use the same key.
        """
        root = files("locales") if directory is None else directory
        catalogs = {language: _merged(root, language) for language in Language}
        return cls(catalogs, default)

    def require(self, keys: Iterable[str]) -> None:
        """Make sure, at the start, that every one of these keys has its text.

        Raises:
            KeyError: names the keys that have none.
        """
        missing = sorted(set(keys) - self.keys)
        if missing:
            raise KeyError(", ".join(missing))

    def say(self, language: Language, key: str, /, **values: str | int) -> str:
        """Give a text as Telegram HTML; values are escaped, unless they are `Html`.

        Raises:
            KeyError: no such text, or a placeholder without its value.
        """
        template = self._searches[language].gettext(key)
        return template.format_map(_escaped(values))

    def count(self, language: Language, key: str, number: int, /, **values: str | int) -> str:
        """Give a text about `number` things (`{n}`), in the plural that the language wants.

        Raises:
            KeyError: no such text, or a placeholder without its value.
        """
        template = self._searches[language].ngettext(key, key, number)
        return template.format_map(_escaped({"n": number, **values}))

    def plain(self, language: Language, key: str, /, **values: str | int) -> str:
        """Give a text without markup, for labels and callback answers; nothing is escaped.

        Raises:
            KeyError: no such text, or a placeholder without its value.
        """
        template = self._searches[language].gettext(key)
        return template.format_map({name: visible(str(value)) for name, value in values.items()})

    def template(self, language: Language, key: str, number: int | None = None) -> str:
        """Give a text as it stands in the catalogue, in the plural that `number` wants.

        Raises:
            KeyError: no such text.
        """
        search = self._searches[language]
        return search.gettext(key) if number is None else search.ngettext(key, key, number)

    def time(self, language: Language, moment: datetime, zone: ZoneInfo) -> str:
        """Give hour and minute of an aware moment on the zone's clocks, such as `18:04`."""
        del language  # the three write it alike
        return f"{moment.astimezone(zone):%H:%M}"

    def day(self, language: Language, day: date) -> str:
        """Give a day in few letters, such as `Sat 28 May`; a short month's point is left out."""
        return format_date(day, "EEE d MMM", locale=language.value).rstrip(".")


def visible(value: str) -> str:
    """Take out what nobody sees: control characters, and marks that turn the direction of text."""
    return _UNSEEN.sub("", value)


def _escaped(values: Mapping[str, str | int]) -> Mapping[str, str]:
    return {name: _escape(value) for name, value in values.items()}


def _escape(value: str | int) -> str:
    if isinstance(value, Html):
        return value
    return html.escape(visible(str(value)), quote=False)


def _key(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _merged(root: Traversable, language: Language) -> Catalog:
    merged = Catalog(locale=language.value)
    folder = root / language.value / "LC_MESSAGES"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".po"):
            _add(merged, file, language)
    return merged


def _add(merged: Catalog, file: Traversable, language: Language) -> None:
    try:
        with file.open("rb") as opened:
            catalog = read_po(opened, locale=language.value, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{file.name} in {language.value}: {error}") from error
    for message in catalog:
        if not message.id:
            continue  # the header
        if message.id in merged:
            raise ValueError(f"{file.name} says {_key(message.id)} again, in {language.value}")
        merged.add(message.id, message.string)


def _search(
    compiled: Mapping[Language, bytes], languages: Iterable[Language]
) -> gettext.NullTranslations:
    first, *others = (
        gettext.GNUTranslations(BytesIO(compiled[language]))
        for language in dict.fromkeys(languages)
    )
    for other in (*others, _Nothing()):
        first.add_fallback(other)
    return first


def _compiled(catalog: Catalog) -> bytes:
    """Give a catalogue as gettext reads it; this is most of what reading the words takes."""
    compiled = BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()
