"""`aman open`: a sealed case opens on the own computer of an organizer or a lawyer.

It needs the sealed directory and the person's identity: no configuration, no data directory, no
network. What is opened appears under its own name only when all of it was checked; until then it
lies in a directory beside it (0700), which goes when anything is wrong.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.bundles import proved, require_free, streams, terms_of, title_at
from bot.clock import SystemClock
from bot.config import ConfigError
from bot.exits import DONE, NOT_IN_ORDER, AmissError
from bot.hardening import lock_memory
from bot.keyholders import read_identity
from bot.printing import complain, say
from bot.studio import Studio
from bot.unlocking import LockedError
from coordination import sealedcases
from coordination.cases import Picture
from coordination.sealedcases import Letter, Opened, OpenedCase
from handlers.texts import Texts, visible
from safety.exporting import WHOLE, ExportLevel, Terms
from safety.records import CleanCopy
from storage.bundle import sealed, writer
from storage.bundle.contents import BundleError, CaseBundle, Log
from storage.bundle.sealed import SealedCase
from storage.vault.errors import VaultError, WrongIdentityError
from storage.vault.evidence import read_evidence
from storage.vault.keys import Key
from storage.vault.streams import create_private, whole_directory

CASE, LETTERS = "case", "envelopes.txt"


class DamagedError(AmissError):
    """The sealed case is not what left the server; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a case is opened, and for whom: from a bundle to a directory, with a studio beside."""

    bundle: Path
    out: Path
    studio: Studio
    level: ExportLevel


def run(parsed: argparse.Namespace) -> int:
    """Open a sealed case: write it down, or serve a page for adding to it."""
    if parsed.edit:
        from bot.editing import command  # noqa: PLC0415 - who only reads needs no server

        return command.run(parsed)
    if parsed.additions is not None:
        raise ConfigError("Additions are written with --edit: leave --additions out, or add that.")
    bundle: Path = parsed.bundle.absolute()
    out: Path = parsed.out.absolute() if parsed.out else bundle.with_name(f"{bundle.name}-opened")
    terms, private = terms_of(parsed), read_identity(parsed.identity)
    lock_memory()
    require_free(out)
    try:
        opened = open_case(bundle, private, out, terms)
    except WrongIdentityError:
        raise LockedError(
            "This case is not sealed to this identity: the key is a wrong one, or was removed."
        ) from None
    return _report(out, opened)


def _report(out: Path, opened: Opened) -> int:
    if opened.letters:
        say(f"Written: {out / LETTERS} ({len(opened.letters)} envelopes).")
    if opened.case is None:
        complain("The case itself was closed before this key was enrolled.")
        return NOT_IN_ORDER
    case, count = out / CASE, len(opened.case.records)
    say(f"Written: {case} ({count} records). Check it with: aman verify {case}")
    if opened.case.damaged:
        numbers = ", ".join(map(str, opened.case.damaged))
        complain(f"Damaged or lost before it was sealed: file {numbers}.")
        return NOT_IN_ORDER
    return DONE


def open_case(bundle: Path, private: Key, out: Path, terms: Terms = WHOLE) -> Opened:
    """Write what a sealed case holds for this identity to `out`: case bundle and envelopes.

    Raises:
        WrongIdentityError: it is not sealed to this identity.
        DamagedError: it is no sealed case, or not all of it is there as it was.
    """
    try:
        case = sealed.read(bundle, private)
        with Studio(out) as studio:
            opened = sealedcases.open_(case, private, terms, partial(_paint, bundle, studio))
            _write(_Place(bundle, out, studio, terms.level), case, opened)
    except WrongIdentityError:
        raise
    except (BundleError, VaultError) as error:
        raise DamagedError(f"Nothing was opened: {error}.") from None
    except FileNotFoundError:
        raise DamagedError(f"Nothing was opened: {bundle} is no sealed case.") from None
    except OSError:
        raise DamagedError(f"{bundle} cannot be read, or {out} cannot be written.") from None
    return opened


def _write(place: _Place, case: SealedCase, opened: Opened) -> None:
    with whole_directory(place.out) as unfinished:
        if opened.case is not None:
            writer.write(unfinished / CASE, _contents(place, case, opened.case))
        if opened.letters:
            with create_private(unfinished / LETTERS) as file:
                file.write("\n".join(map(_letter, opened.letters)).encode())


def _paint(
    bundle: Path, studio: Studio, reading: Key, pictures: Sequence[Picture]
) -> Mapping[int, CleanCopy]:
    return studio.paint(partial(_read, bundle, reading), pictures)


def _read(bundle: Path, reading: Key, evidence_id: int) -> Iterator[bytes]:
    return read_evidence(sealed.path_of(bundle, evidence_id), reading, evidence_id)


def _letter(letter: Letter) -> str:
    day = letter.left_at.date().isoformat()
    return f"{letter.reference}, {day}\n{visible(letter.text)}\n"


def _contents(place: _Place, case: SealedCase, opened: OpenedCase) -> CaseBundle:
    texts = Texts.load(default=case.language)
    read = partial(_read, place.bundle, opened.reading)
    files = chain(streams(opened.records, read), place.studio.streams(opened.records))

    def say(key: str) -> str:
        return texts.plain(case.language, key)

    return CaseBundle(
        title=title_at(place.level, case.title, say),
        language=case.language.value,
        made_on=SystemClock().now().astimezone(ZoneInfo(case.zone)).date(),
        records=tuple(proved(record) for record in opened.records),
        evidence=files,
        log=_log(case),
        text=say,
        level=place.level,
    )


def _log(case: SealedCase) -> Log:
    log = case.log
    signing = Key(log.opener)
    return Log(log.tree, log.origin, signing, sealed.OPENER, log.earlier, log.opening, case.stamp)
