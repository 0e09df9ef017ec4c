"""`aman export` and `aman verify`: a case leaves the machine as a bundle, and is checked.

Export needs an unlock secret and a shell on the server; it runs beside the bot, records first that
the case was given out, and writes a directory that must not exist yet or be empty. A closed case
leaves sealed, as it is; an open one does so where that is asked for.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

from bot.clock import SystemClock
from bot.config import Config, ConfigError, load_safe
from bot.exits import DONE, NOT_IN_ORDER
from bot.printing import complain, say
from bot.room import Room, require_folder
from bot.stamping import UnstampedError, stamp
from bot.studio import Read, Studio
from bot.unlocking import LockedError, open_keys
from coordination import cases, sealedcases
from coordination.cases import GivenRecord, Giving, StoredFile
from coordination.envelopes import note_handed
from coordination.turns import Work
from handlers.texts import Texts
from safety.events import Event
from safety.exporting import WHOLE, ExportLevel, Terms
from safety.kinds import Kind
from safety.lives import lasting
from safety.people import Unprinted
from safety.policy import Policy
from storage import casekeys, closing, envelopes, evidence, proofs, receipts, transaction
from storage.bundle import sealed, writer
from storage.bundle.contents import (
    BundleError,
    CaseBundle,
    Entry,
    EvidenceStream,
    Hidden,
    Log,
    ProvedRecord,
    Stamp,
)
from storage.database import Database
from storage.incidents import Committed
from storage.transaction import Transaction
from storage.vault import verifier
from storage.vault.errors import OvertakenKeySlotsError, VaultError
from storage.vault.keyslots import KeySlots
from storage.vault.streams import PART

TEXTS = 3  # of the database's size: what its rows take as records, dossier and proofs


class ExportError(ConfigError):
    """The case cannot be given out; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many records were written, and the numbers of files that are damaged or lost."""

    records: int
    damaged: tuple[int, ...]
    is_sealed: bool = False
    is_unstamped: bool = False  # an authority is configured, and gave none
    envelopes: int = 0  # that stay here, or have left with what is sealed, and only with it
    is_handed: bool = True  # it is noted that these have left: their days have begun


@dataclass(frozen=True, slots=True, repr=False)
class _Wanted(Unprinted):
    """What is asked for: whose case, where it goes, when, and on which terms."""

    event: Event
    out: Path
    now: datetime
    terms: Terms


@dataclass(frozen=True, slots=True, repr=False)
class _Case(Unprinted):
    """What one export holds, all of one moment."""

    event: Event
    records: tuple[GivenRecord, ...]
    log: Log


def export(parsed: argparse.Namespace) -> int:
    """Write the case bundle of an event."""
    terms = terms_of(parsed)
    config = load_safe(parsed.config)
    out: Path = parsed.out.absolute()
    require_free(out)
    with open_keys(config, to_write=False) as slots:
        now = SystemClock().now()
        exported = asyncio.run(
            export_case(
                config, slots, parsed.event, out, now, terms=terms, is_sealed=parsed.sealed
            )
        )
    count = exported.records
    after = f"Check it with: aman verify {out}"
    if exported.is_sealed:
        after = f"It is sealed: a keyholder opens it with: aman open {out} --identity FILE"
    say(f"Written: {out} ({count} records). {after}")
    if exported.envelopes:
        say(said_of_envelopes(exported))
    if exported.is_unstamped:
        complain("The time stamping authority gave no stamp: written without one.")
    if exported.damaged:
        numbers = ", ".join(map(str, exported.damaged))
        complain(f"Damaged or lost on this disk, and left out: file {numbers}.")
        return NOT_IN_ORDER
    return DONE


def verify(parsed: argparse.Namespace) -> int:
    """Check a bundle, offline; print the first thing that is wrong."""
    problems = verifier.verify(parsed.directory)
    if problems:
        complain(verifier.describe(problems[0], "en"))
        return NOT_IN_ORDER
    say("Everything is in order.")
    if (parsed.directory / verifier.OPENER).exists():
        say(verifier.MESSAGES["opened"][0])
    for line in verifier.said_of_level(parsed.directory, ("en",)):
        say(line)
    return DONE


def terms_of(parsed: argparse.Namespace) -> Terms:
    """Give the terms that a command asked for.

    Raises:
        ExportError: they contradict each other.
    """
    terms = Terms(ExportLevel(parsed.level), with_minors=parsed.with_minors)
    if terms.with_minors and terms.level is not ExportLevel.CONFIDENTIAL:
        raise ExportError("Minors are in the lawyer's level anyway, and never in the public one.")
    return terms


async def export_case(  # noqa: PLR0913 - what an export is made of
    config: Config,
    slots: KeySlots,
    named: str,
    out: Path,
    now: datetime,
    *,
    terms: Terms = WHOLE,
    is_sealed: bool = False,
) -> Exported:
    """Give out the case of the event of that number or title; a closed one is always sealed.

    What is sealed leaves whole, so the level is chosen by whoever opens it.

    Raises:
        ExportError: there is no such event, or several, or `out` is in use
        LockedError: the case cannot be read with these keys.
    """
    require_free(out)
    async with Database(config.database_path, slots, is_guest=True) as database:
        event = await database.read(lambda tx: _find(Work(tx, now, config.policy), named))
        is_closed = await database.read(lambda tx: closing.is_closed(tx, event.id))
        wanted = _Wanted(event, out, now, terms)
        try:
            if is_sealed or is_closed:
                return await _export_sealed(config, database, wanted)
            return await _export_open(config, database, wanted)
        except transaction.LockedError:
            raise LockedError("The case cannot be read with the keys that are here.") from None


async def _export_open(config: Config, database: Database, wanted: _Wanted) -> Exported:
    event, now, terms = wanted.event, wanted.now, wanted.terms
    texts = Texts.load(default=config.policy.default_language)
    files = await database.read(lambda tx: cases.stored_files(Work(tx, now, config.policy), event))
    room, store = _room(config, wanted.out), partial(evidence.path_of, config.evidence_path)
    given = files if terms.level is ExportLevel.LAWYER else []
    room.require(_size_of_texts(config) + _size(store(file.evidence_id) for file in given))
    damaged = await asyncio.to_thread(_damaged, config.evidence_path, files)
    giving = Giving(event.tzinfo, terms, damaged)
    pictures = await database.read(
        lambda tx: cases.pictures(Work(tx, now, config.policy), event, giving)
    )
    room.require(2 * _size(store(one.evidence_id) for one in pictures))  # painted, then copied
    private = await database.read(lambda tx: casekeys.private(tx, event.id))

    def read(evidence_id: int) -> Iterator[bytes]:
        return room.watched(evidence.read(config.evidence_path, private, evidence_id))

    with Studio(wanted.out) as studio:
        clean = await room.write(studio.paint, read, pictures)
        whole = replace(giving, clean=clean)
        records = await database.write(
            lambda tx: cases.give_out(Work(tx, now, config.policy), event, whole)
        )
        case = await database.read(lambda tx: _prove(tx, event, records))
        mark = await _stamped(config, writer.checkpoint_of(case.log))
        case = replace(case, log=replace(case.log, stamp=mark))
        contents = chain(streams(case.records, read), studio.streams(case.records))
        await room.write(_write, texts, case, wanted, contents)
    left = await database.read(lambda tx: len(envelopes.at_event(tx, event.id)))
    is_unstamped = config.authority is not None and mark is None
    lost = tuple(sorted(damaged))
    return Exported(len(records), lost, is_unstamped=is_unstamped, envelopes=left)


async def _export_sealed(config: Config, database: Database, wanted: _Wanted) -> Exported:
    event, now = wanted.event, wanted.now
    if wanted.terms != WHOLE:
        raise ExportError("What is sealed leaves whole: choose with aman open --level.")

    room = _room(config, wanted.out)

    def give(tx: Transaction) -> tuple[dict[int, Path], tuple[int, ...]]:
        work = Work(tx, now, config.policy)
        if not sealedcases.seals_of(work, event.id):
            raise ExportError("No organizer's or lawyer's key is enrolled: see aman keys add.")
        kept = sealedcases.kept_files(work, event.id)
        paths = {one: evidence.path_of(config.evidence_path, one) for one in kept}
        lost = frozenset(number for one, number in kept.items() if not paths[one].is_file())
        whole = {one: path for one, path in paths.items() if kept[one] not in lost}
        room.require(_size_of_texts(config) + _size(whole.values()))
        cases.give_out_sealed(work, event.id, Giving(event.tzinfo, damaged=lost))
        return whole, tuple(sorted(lost))

    paths, lost = await database.write(give)
    case = await database.read(lambda tx: sealedcases.seal(Work(tx, now, config.policy), event))
    mark = await _stamped(config, case.log.checkpoint)
    case = replace(case, stamp=mark)
    await room.write(sealed.write, wanted.out, case, paths, room.watched)
    is_handed = True
    try:
        await database.write(lambda tx: note_handed(Work(tx, now, config.policy), case.envelopes))
    except OvertakenKeySlotsError:  # the case is written, and whole; they are kept for longer
        is_handed = False
    return Exported(
        len(case.incidents),
        lost,
        is_sealed=True,
        is_unstamped=config.authority is not None and mark is None,
        envelopes=len(case.envelopes),
        is_handed=is_handed,
    )


def said_of_envelopes(exported: Exported) -> str:
    """Say where the envelopes for the lawyer are now, and until when."""
    if not exported.is_sealed:
        return f"Envelopes for the lawyer that stay here: {exported.envelopes}; see --sealed."
    days = lasting(Kind.ENVELOPES, Policy()).days
    if not exported.is_handed:
        return (
            f"Envelopes for the lawyer in it: {exported.envelopes}. Keys were made or destroyed "
            f"meanwhile: the {days} days until they end here have not begun. Export again later."
        )
    return (
        f"Envelopes for the lawyer in it: {exported.envelopes}. Have the lawyer open them: here "
        f"they end {days} days from now, once the case is closed as long."
    )


async def _stamped(config: Config, checkpoint: str) -> Stamp | None:
    try:
        return await stamp(config, checkpoint)
    except UnstampedError:
        return None


def _room(config: Config, out: Path) -> Room:
    return Room.beside(config.directory, out.absolute().parent)


def _size_of_texts(config: Config) -> int:
    return TEXTS * config.database_path.stat().st_size


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def require_free(out: Path) -> None:
    """Make sure that a bundle can be written there.

    Raises:
        ExportError: something is there already, or its parent is missing.
    """
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise ExportError(f"{out} is there already, and not empty: nothing was written.")
    if out.is_mount():
        raise ExportError(f"{out} is a disk of its own: name a new folder on it.")
    for left in (out.with_name(out.name + PART), Studio(out).directory):
        if left.exists():
            raise ExportError(
                f"{left} is left of a try that was cut off, or of one that goes on: delete it, "
                "and do it again. Nothing was written."
            )
    require_folder(out)


def _find(work: Work, named: str) -> Event:
    found = cases.find_event(work, named)
    if not found:
        raise ExportError("There is no event of that number or title.")
    if len(found) > 1:
        numbers = ", ".join(str(event.id) for event in found)
        raise ExportError(f"Several events have that title; give a number: {numbers}.")
    return found[0]


def _damaged(directory: Path, files: list[StoredFile]) -> frozenset[int]:
    """Find the files that are no longer what was sealed: the rest of the case does not wait."""
    return frozenset(
        file.number
        for file in files
        if not evidence.is_whole(directory, file.evidence_id, file.sealed_sha256)
    )


def _prove(tx: Transaction, event: Event, records: tuple[GivenRecord, ...]) -> _Case:
    log = Log(
        tree=proofs.tree(tx),
        origin=proofs.origin(tx),
        signing_key=proofs.signing_key(tx),
        key_name=proofs.KEY_NAME,
        earlier=(*receipts.checkpoints(tx), *closing.checkpoints(tx)),
    )
    return _Case(event, records, log)


def _write(texts: Texts, case: _Case, wanted: _Wanted, files: Iterator[EvidenceStream]) -> None:
    out, level = wanted.out, wanted.terms.level

    def say(key: str) -> str:
        return texts.plain(case.event.language, key)

    bundle = CaseBundle(
        title=title_at(level, case.event.title, say),
        language=case.event.language.value,
        made_on=wanted.now.astimezone(case.event.tzinfo).date(),
        records=tuple(proved(record) for record in case.records),
        evidence=files,
        log=case.log,
        text=say,
        level=level,
    )
    try:
        writer.write(out, bundle)
    except (BundleError, VaultError, FileNotFoundError) as error:
        raise ExportError(f"The bundle was not written: {_sentence(error)}.") from None


def _sentence(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "an evidence file is missing"
    return str(error)


def proved(given: GivenRecord) -> ProvedRecord:
    """Give a record as a bundle takes it."""
    entries = tuple(
        Entry(one.leaf, one.salt, one.text)
        if isinstance(one, Committed)
        else Hidden(one.leaf, one.commitment)
        for one in given.committed
    )
    return ProvedRecord(given.record, entries)


def title_at(level: ExportLevel, title: str, say: Callable[[str], str]) -> str:
    """Give the title of a dossier: the event's own is somebody's words, so not the public's."""
    return say("dossier-public-title") if level is ExportLevel.PUBLIC else title


def streams(records: Iterable[GivenRecord], read: Read) -> Iterator[EvidenceStream]:
    """Give the originals of records, each opened when its turn comes; `read` takes a file's id."""
    for file in chain.from_iterable(record.files for record in records):
        yield EvidenceStream(file.file, read(file.evidence_id))
