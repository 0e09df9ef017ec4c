"""The file of rules that the team's lawyer edits: read at a start, and anew when it has changed.

A mistake in it is one sentence that names the place. It never stops the bot: the last good rules
stay, at a start the unfilled ones, and `aman doctor`, `aman status` and the log say so (ADR-0029).
"""

import asyncio
import os
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from bot import logs
from bot.clock import Clock
from bot.mistakes import place_in_toml, what_is_wrong
from safety.languages import Language
from safety.lawrules import UNFILLED, Deadline, LawRules, LawText, Threshold, Words
from safety.records import CaseState
from safety.taxonomy import ActorKind

LARGEST = 64 * 1024  # bytes
LONGEST = 1500  # characters of one text: it fits on a screen with others
LOOK_EVERY = 30.0  # seconds
WRITABLE = 0o022  # by group and others

_Text = Annotated[str, msgspec.Meta(max_length=LONGEST)]


class LawFileError(Exception):
    """The file cannot be used; the text is one clear sentence without what stands in it."""


class _Words(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One text in each language."""

    en: _Text = ""
    ru: _Text = ""
    kk: _Text = ""


class _Threshold(_Words, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """So many hours afterwards, and what is said then."""

    after_hours: Annotated[int, msgspec.Meta(ge=1, le=30 * 24)]


class _Deadline(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """So many days for one step at one kind of authority."""

    authority: ActorKind
    step: CaseState
    days: Annotated[int, msgspec.Meta(ge=1, le=10 * 365)]
    note: _Words = _Words()
    decides: _Words = _Words()


class _Texts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a person may be shown."""

    rights: _Words = _Words()
    call: _Words = _Words()
    keep: _Words = _Words()
    clinic: _Words = _Words()


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    detention: Annotated[tuple[_Threshold, ...], msgspec.Meta(max_length=20)] = ()
    injury: Annotated[tuple[_Threshold, ...], msgspec.Meta(max_length=10)] = ()
    deadline: Annotated[tuple[_Deadline, ...], msgspec.Meta(max_length=200)] = ()
    texts: _Texts = _Texts()


def read_law(path: Path, languages: Sequence[Language]) -> LawRules:
    """Read the file; a text that is begun must be there in each of the `languages`.

    Raises:
        LawFileError: it cannot be read, is not ours alone to write, or makes no sense.
    """
    return _parse(path.name, _read(path), languages)


class LawKeeper:
    """Hands the rules over as the file says them, at once and whenever it has changed."""

    def __init__(
        self,
        path: Path | None,
        languages: Sequence[Language],
        clock: Clock,
        use: Callable[[LawRules], None],
    ) -> None:
        self._path = path
        self._languages = languages
        self._clock = clock
        self._use = use
        self._seen: bytes | str | None = None  # what stood in the file, or why it was not read

    async def run(self) -> None:
        """Look until cancelled; without a file there is nothing to look at."""
        while self._path is not None:
            await self._clock.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Read the file if it is not what it was."""
        if self._path is None:
            return
        found = await asyncio.to_thread(_found, self._path)
        if found == self._seen:
            return
        self._seen = found
        if isinstance(found, str):
            logs.warn("law-rules-not-usable")
            return
        try:
            law = await asyncio.to_thread(_parse, self._path.name, found, self._languages)
        except LawFileError:
            logs.warn("law-rules-not-usable")
        else:
            self._use(law)
            logs.note("law-rules-read")


def _found(path: Path) -> bytes | str:
    try:
        return _read(path)
    except LawFileError as error:
        return str(error)


def _read(path: Path) -> bytes:
    """Give what stands in the file: never from a pipe or a device, never more than is needed."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise LawFileError(f"{path.name} is not a file.")
            if mode & WRITABLE:
                raise LawFileError(f"Others may change {path.name}: run chmod go-w on it.")
            found = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise LawFileError(f"There is no {path.name}: file in [rules] names it.") from None
    except OSError:
        raise LawFileError(f"{path.name} cannot be read.") from None
    if len(found) > LARGEST:
        raise LawFileError(f"{path.name} is larger than {LARGEST // 1024} KiB.")
    return found


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _parse(name: str, found: bytes, languages: Sequence[Language]) -> LawRules:
    values = _toml(name, found)
    try:
        return _rules(msgspec.convert(values, _File), languages)
    except msgspec.ValidationError as error:
        raise LawFileError(f"{name}: {what_is_wrong(error)}.") from None
    except ValueError as error:
        raise LawFileError(f"{name}: {error}.") from None


def _toml(name: str, found: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(found.decode("utf-8"))
    except UnicodeDecodeError:
        raise LawFileError(f"{name} is not written in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise LawFileError(f"{name} is not valid TOML, {place_in_toml(error)}.") from None
    except (ValueError, RecursionError):  # a number without end, brackets without end
        raise LawFileError(f"{name} is not valid TOML.") from None


def _rules(file: _File, languages: Sequence[Language]) -> LawRules:
    texts = {one: _words(f"texts → {one}", getattr(file.texts, one), languages) for one in LawText}
    return LawRules(
        detention=_thresholds("detention", file.detention, languages) or UNFILLED.detention,
        injury=_thresholds("injury", file.injury, languages) or UNFILLED.injury,
        deadlines=_deadlines(file.deadline, languages),
        texts={one: words for one, words in texts.items() if words},
    )


def _thresholds(
    name: str, found: Sequence[_Threshold], languages: Sequence[Language]
) -> tuple[Threshold, ...]:
    _require_once(f"{name} → after_hours", (one.after_hours for one in found))
    made = (
        Threshold(timedelta(hours=one.after_hours), _words(f"{name} {number}", one, languages))
        for number, one in enumerate(found, 1)
    )
    return tuple(sorted(made, key=lambda one: one.after))


def _deadlines(found: Sequence[_Deadline], languages: Sequence[Language]) -> tuple[Deadline, ...]:
    _require_once("deadline → authority and step", ((one.authority, one.step) for one in found))
    return tuple(
        Deadline(
            one.authority,
            one.step,
            timedelta(days=one.days),
            _words(f"deadline {number} → note", one.note, languages),
            _words(f"deadline {number} → decides", one.decides, languages),
        )
        for number, one in enumerate(found, 1)
    )


def _words(place: str, found: _Words, languages: Sequence[Language]) -> Words:
    """Give a text by language; nothing where it was not begun in any."""
    said = {one: getattr(found, one).strip() for one in Language}
    if not any(said.values()):
        return {}
    for language, text in said.items():
        if any(not sign.isprintable() and sign != "\n" for sign in text):
            raise ValueError(f"{place} → {language} holds a sign that nobody can see")
        if language in languages and not text:
            raise ValueError(f"{place} is not there in the language {language}")
    return {language: text for language, text in said.items() if text}


def _require_once(place: str, found: Iterable[object]) -> None:
    seen = list(found)
    if len(set(seen)) != len(seen):
        raise ValueError(f"{place} comes twice")
