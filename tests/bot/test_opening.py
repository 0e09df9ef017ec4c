"""A closed case leaves the server unread, opens on a keyholder's computer, and verifies there."""

import asyncio
import base64
import io
import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.bundles import Exported, ExportError, export_case, said_of_envelopes
from bot.cli import main
from bot.opening import DamagedError, open_case
from bot.setup import set_up
from coordination import keyholders, retention
from coordination.turns import Work
from handlers.texts import Texts
from safety.events import Event
from safety.people import Role
from safety.registration import Consent
from storage import events, resealing
from storage.bundle import sealed
from storage.bundle.sealed import SealedCase, Watch
from storage.vault import derivation, identities, keyslots, prooflog, verifier
from storage.vault.errors import WrongIdentityError
from storage.vault.keys import Key, KeyKind, public_half
from tests.bot.test_bundles import (
    VIDEO,
    an_evening,
    config_of,
    consents,
    everything,
    exports,
    fill,
    names_in,
    records_of,
    stores,
)
from tests.handlers.test_closing import has_key
from tests.handlers.test_envelopes import REAL, kept, leaves
from tests.harness import Someone, World
from tests.storage.bundle.test_verify import guide_commands, repair_manifests, runs


async def _closed(world: World, folder: Path) -> tuple[Event, Someone, Key, Key]:
    """Play an evening and close its case to an organizer and a lawyer."""
    event, aliya = await an_evening(world, folder)
    organizer, second = world.person("Aigul"), world.person("Dana")
    await organizer.presses("Resolved")
    await organizer.presses("It was real")
    keys = [await has_key(world, "Aigul"), await has_key(world, "Timur", Role.LAWYER)]
    await organizer.writes("/incidents")
    await organizer.presses("Case and other events")
    await organizer.presses("Close the case")
    await organizer.presses("Propose to close it")
    await second.presses("Confirm")
    organizer.sees("the case is closed")
    return event, aliya, keys[0][0], keys[1][0]


async def test_a_closed_case_opens_to_what_an_open_one_gives(world: World, tmp_path: Path) -> None:
    """The very same records, files and page, from each keyholder's computer."""
    event, _, organizer, lawyer = await _closed(world, tmp_path)
    given = await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    assert (given.records, given.is_sealed) == (2, True)
    for name, private in (("one", organizer), ("two", lawyer)):
        opened = open_case(tmp_path / "sealed", private, tmp_path / name).case
        assert opened is not None
        assert (len(opened.records), opened.damaged) == (2, ())
        case = tmp_path / name / "case"
        assert verifier.verify(case) == ()
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700
        report, alarm = records_of(case)
        assert report["types"] == ["follow_up_visit"]
        assert [one["by"].split(" ")[0] for one in report["confirmed_by"]] == ["organizer"]
        (file,) = report["evidence"]
        assert (case / "data" / "evidence" / file["file"]).read_bytes() == VIDEO
        steps = [one["what"] for one in file["custody"]]
        assert steps == ["received", "sealed", "given out sealed"]
        assert alarm["id"] == 2
        assert b"Two officers came to my parents." in (case / "data/dossier.html").read_bytes()


async def test_an_open_case_given_out_both_ways_is_one_case(world: World, tmp_path: Path) -> None:
    """What `--sealed` carries opens to the records that the plain export has."""
    event, _ = await an_evening(world, tmp_path)
    private, _ = await has_key(world, "Aigul")
    await exports(world, tmp_path, str(event.id), tmp_path / "plain")
    given = await exports(world, tmp_path, str(event.id), tmp_path / "sealed", is_sealed=True)
    assert given.is_sealed
    await world.deliver()
    world.person("Aigul").sees("sealed: only enrolled keys open it. Records: 2.")
    open_case(tmp_path / "sealed", private, tmp_path / "opened")
    plain, opened = records_of(tmp_path / "plain"), records_of(tmp_path / "opened" / "case")
    for one in (*plain, *opened):
        del one["committed"]
        for file in one.get("evidence", []):  # each giving out is one more line of custody
            steps = file["custody"]
            file["custody"] = [each for each in steps if not each["what"].startswith("given out")]
    assert opened == plain
    assert verifier.verify(tmp_path / "opened" / "case") == ()
    await exports(world, tmp_path, str(event.id), tmp_path / "again")  # it stays open
    assert verifier.verify(tmp_path / "again") == ()


async def test_a_sealed_case_tells_nothing(world: World, tmp_path: Path) -> None:
    """Neither title nor words, names, kinds or numbers; and nobody else may read the files."""
    event, aliya, _, _ = await _closed(world, tmp_path)
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    written = everything(tmp_path / "sealed")
    for secret in (b"Evening of tea", b"Two officers", b"alarm", b"Aigul", VIDEO[:16], b"log-1"):
        assert secret not in written
    assert str(aliya.chat_id).encode() not in written
    for path in (tmp_path / "sealed").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    guides = [name for name in names_in(tmp_path / "sealed") if name.startswith("READ-ME")]
    assert guides == ["READ-ME.en.txt", "READ-ME.kk.txt", "READ-ME.ru.txt"]


async def test_what_came_after_closing_opens_as_well(world: World, tmp_path: Path) -> None:
    """Words, files and an incident of its own, added while nobody here could read."""
    event, aliya, private, _ = await _closed(world, tmp_path)
    await aliya.writes("/report")
    await aliya.writes("They came again, at night.")
    await aliya.sends_photo()
    await stores(world, tmp_path, b"a photo")
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    open_case(tmp_path / "sealed", private, tmp_path / "opened")
    case = tmp_path / "opened" / "case"
    assert verifier.verify(case) == ()
    records = records_of(case)
    assert len(records) == 3
    assert "They came again, at night." in [one["value"] for one in records[-1]["claims"]]
    (file,) = (
        file for one in records for file in one.get("evidence", []) if file["kind"] == "photo"
    )
    assert (case / "data" / "evidence" / file["file"]).read_bytes() == b"a photo"


async def test_an_export_before_closing_and_one_after_continue_one_log(
    world: World, tmp_path: Path
) -> None:
    """And the checkpoint that the organizers were sent is one of it."""
    event, _ = await an_evening(world, tmp_path)
    await exports(world, tmp_path, str(event.id), tmp_path / "before")
    organizer, second = world.person("Aigul"), world.person("Dana")
    await organizer.presses("Resolved")
    await organizer.presses("It was real")
    private, _ = await has_key(world, "Aigul")
    await organizer.writes("/incidents")
    await organizer.presses("Case and other events")
    await organizer.presses("Close the case")
    await organizer.presses("Propose to close it")
    await second.presses("Confirm")
    sent = organizer.sees("Keep these lines apart").text.split("not changed:\n")[1] + "\n"
    await exports(world, tmp_path, str(event.id), tmp_path / "after")
    open_case(tmp_path / "after", private, tmp_path / "opened")
    assert verifier.verify(tmp_path / "opened" / "case", known=(sent,)) == ()
    key = (tmp_path / "before" / "data/proofs/key.txt").read_text(encoding="utf-8")
    assert verifier.verify(tmp_path / "opened" / "case", trusted_key=key) == ()


async def test_nobody_is_named_without_their_newest_word(world: World, tmp_path: Path) -> None:
    """Who allowed their name and took it back before the case left is not named in it."""
    event, aliya = await an_evening(world, tmp_path)
    private, _ = await has_key(world, "Aigul")
    assert aliya.person_id is not None
    for number, consent in enumerate((Consent.NAME_ME, Consent.LAWYER_ONLY)):
        await consents(world, aliya.person_id, consent)
        out = tmp_path / f"sealed-{number}"
        await exports(world, tmp_path, str(event.id), out, is_sealed=True)
        open_case(out, private, tmp_path / f"opened-{number}")
    assert b"Aliya-the-pseudonym" in everything(tmp_path / "opened-0")
    assert b"Aliya-the-pseudonym" not in everything(tmp_path / "opened-1")


async def test_a_closed_case_outlives_the_people(world: World, tmp_path: Path) -> None:
    """Purged and closed, it still opens with a key, and names nobody who had not said so."""
    event, _, private, _ = await _closed(world, tmp_path)

    def purge(work: Work) -> None:
        known = events.get(work.tx, event.id)
        assert known is not None
        retention.purge_event(work, known, retention.By())

    await world.change(purge)
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    open_case(tmp_path / "sealed", private, tmp_path / "opened")
    assert verifier.verify(tmp_path / "opened" / "case") == ()
    assert b"Aliya-the-pseudonym" not in everything(tmp_path / "opened")


async def test_a_removed_key_opens_nothing_that_leaves_later(world: World, tmp_path: Path) -> None:
    """What left before stays open to it: that cannot be taken back."""
    event, _, organizer, lawyer = await _closed(world, tmp_path)
    await exports(world, tmp_path, str(event.id), tmp_path / "early")

    def remove(work: Work) -> None:
        (holder,) = keyholders.called(work, "Aigul")
        keyholders.remove(work, holder)

    await world.change(remove)
    await exports(world, tmp_path, str(event.id), tmp_path / "late")
    with pytest.raises(WrongIdentityError):
        open_case(tmp_path / "late", organizer, tmp_path / "opened")
    assert not (tmp_path / "opened").exists()
    open_case(tmp_path / "late", lawyer, tmp_path / "lawyer")
    open_case(tmp_path / "early", organizer, tmp_path / "organizer")


async def test_without_any_key_nothing_is_sealed(world: World, tmp_path: Path) -> None:
    """A sealed case that nobody opens would be a case lost."""
    event, _ = await an_evening(world, tmp_path)
    await has_key(world, "Nora", Role.DEPUTY)
    with pytest.raises(ExportError, match="aman keys add"):
        await exports(world, tmp_path, str(event.id), tmp_path / "sealed", is_sealed=True)
    assert not (tmp_path / "sealed").exists()


async def test_a_lost_file_is_said_to_be_lost(world: World, tmp_path: Path) -> None:
    """Missing or spoilt on the server: the rest opens, and the record says so."""
    event, aliya, private, _ = await _closed(world, tmp_path)
    await aliya.writes("/report")
    await aliya.sends_photo()
    await stores(world, tmp_path, b"another")
    video, photo = sorted((tmp_path / "evidence").iterdir(), key=lambda path: -path.stat().st_size)
    video.unlink()
    photo.write_bytes(photo.read_bytes()[:-1] + b"x")
    given = await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    assert given.damaged == (1,)
    opened = open_case(tmp_path / "sealed", private, tmp_path / "opened").case
    assert opened is not None
    assert opened.damaged == (1, 2)
    case = tmp_path / "opened" / "case"
    assert verifier.verify(case) == ()
    assert not (case / "data" / "evidence").exists()
    (file,) = records_of(case)[0]["evidence"]
    assert file["custody"][-1]["what"] == "damaged or lost on the disk"


async def test_envelopes_leave_with_the_case_for_the_lawyer_alone(
    world: World, tmp_path: Path
) -> None:
    """An organizer opens the case and no envelope; a lawyer opens both."""
    event, aliya, organizer, lawyer = await _closed(world, tmp_path)
    await leaves(aliya)
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    open_case(tmp_path / "sealed", organizer, tmp_path / "organizer")
    assert names_in(tmp_path / "organizer") == ["case"]
    open_case(tmp_path / "sealed", lawyer, tmp_path / "lawyer")
    assert names_in(tmp_path / "lawyer") == ["case", "envelopes.txt"]
    letters = tmp_path / "lawyer" / "envelopes.txt"
    assert letters.read_text(encoding="utf-8") == f"person-{aliya.person_id}, 2027-05-26\n{REAL}\n"
    assert stat.S_IMODE(letters.stat().st_mode) == 0o600
    assert verifier.verify(tmp_path / "lawyer" / "case") == ()
    for folder in (tmp_path / "organizer", tmp_path / "lawyer" / "case", tmp_path / "sealed"):
        assert REAL.encode() not in everything(folder)


async def test_an_envelope_is_given_only_once_a_sealed_case_is_written(
    world: World, tmp_path: Path
) -> None:
    """It ends some time after that: neither an open export nor one that failed may count."""
    event, aliya = await an_evening(world, tmp_path)
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    await exports(world, tmp_path, str(event.id), tmp_path / "open")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "write", _fails)
        with pytest.raises(OSError, match="No space"):
            await exports(world, tmp_path, str(event.id), tmp_path / "failed", is_sealed=True)
    (envelope,) = await kept(world, event.id)
    assert envelope.handed_at is None
    given = await exports(world, tmp_path, str(event.id), tmp_path / "sealed", is_sealed=True)
    assert given.envelopes == 1
    (envelope,) = await kept(world, event.id)
    assert envelope.handed_at == world.now


async def test_a_case_is_given_out_though_keys_are_replaced_just_after_it_is_written(
    world: World, tmp_path: Path
) -> None:
    """It is whole, and no failure; its envelopes stay for longer, and whoever exports hears."""
    event, aliya = await an_evening(world, tmp_path)
    lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    write, loop = sealed.write, asyncio.get_running_loop()

    async def replace_a_key() -> None:
        await world.change(lambda work: resealing.ask(work.tx, KeyKind.TRANSIT))
        await world.database.write(resealing.step)

    def writes(out: Path, case: SealedCase, paths: dict[int, Path], watch: Watch) -> None:
        write(out, case, paths, watch)
        asyncio.run_coroutine_threadsafe(replace_a_key(), loop).result()

    config, out = config_of(tmp_path), tmp_path / "sealed"
    with (
        pytest.MonkeyPatch.context() as patch,
        keyslots.unlock(tmp_path / "keys", world.secret, to_write=False) as visiting,
    ):
        patch.setattr(sealed, "write", writes)
        given = await export_case(config, visiting, str(event.id), out, world.now, is_sealed=True)
    assert "have not begun. Export again later." in said_of_envelopes(given)
    (envelope,) = await kept(world, event.id)
    assert envelope.handed_at is None
    open_case(out, lawyer, tmp_path / "opened")
    assert verifier.verify(tmp_path / "opened" / "case") == ()


def test_whoever_exports_hears_what_becomes_of_the_envelopes() -> None:
    """What was given out ends here: the lawyer has to have it by then."""
    assert "stay here: 2; see --sealed." in said_of_envelopes(Exported(1, (), envelopes=2))
    said = said_of_envelopes(Exported(1, (), is_sealed=True, envelopes=2))
    assert "in it: 2. Have the lawyer open them: here they end 90 days from now" in said


def _fails(*_arguments: object) -> None:
    raise OSError(28, "No space left on device")


async def test_a_lawyer_who_came_after_the_closing_opens_the_envelopes(
    world: World, tmp_path: Path
) -> None:
    """The case was closed to others; what was left for this lawyer is theirs all the same."""
    event, aliya, _, first = await _closed(world, tmp_path)
    late, _ = await has_key(world, "Zhanna", Role.LAWYER)
    await leaves(aliya)
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    opened = open_case(tmp_path / "sealed", late, tmp_path / "late")
    assert opened.case is None
    assert names_in(tmp_path / "late") == ["envelopes.txt"]
    open_case(tmp_path / "sealed", first, tmp_path / "first")
    assert names_in(tmp_path / "first") == ["case", "envelopes.txt"]


# ---------------------------------------------------------------- what is not as it was


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _evidence(folder: Path) -> Path:
    (file,) = (folder / "evidence").iterdir()
    return file


def _make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "the parcel is a pipe": lambda folder: _make_pipe(folder / sealed.PARCEL),
    "a file is a pipe": lambda folder: _make_pipe(_evidence(folder)),
    "the parcel is altered": lambda folder: _flip(folder / sealed.PARCEL, -20),
    "its header is altered": lambda folder: _flip(folder / sealed.PARCEL, 20),
    "it is cut short": lambda folder: (folder / sealed.PARCEL).write_bytes(
        (folder / sealed.PARCEL).read_bytes()[:-1]
    ),
    "something is appended": lambda folder: (folder / sealed.PARCEL).write_bytes(
        (folder / sealed.PARCEL).read_bytes() + b"x"
    ),
    "it is empty": lambda folder: (folder / sealed.PARCEL).write_bytes(b""),
    "it is missing": lambda folder: (folder / sealed.PARCEL).unlink(),
    "it is something else": lambda folder: (folder / sealed.PARCEL).write_bytes(b"PK" * 400),
    "a file is altered": lambda folder: _flip(_evidence(folder), 3_000),
    "a file is cut short": lambda folder: _evidence(folder).write_bytes(b"evidence"),
    "a file is missing": lambda folder: _evidence(folder).unlink(),
    "everything is missing": shutil.rmtree,
}


@pytest.fixture
async def left(world: World, tmp_path: Path) -> tuple[Path, Key]:
    """Give a sealed case that has left the server, and the identity that opens it."""
    event, _, private, _ = await _closed(world, tmp_path)
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    return tmp_path / "sealed", private


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_case_is_refused_and_leaves_nothing_readable(
    left: tuple[Path, Key], tmp_path: Path, damage: str
) -> None:
    """One sentence; no plaintext, not even half a directory."""
    folder, private = left
    DAMAGE[damage](folder)
    before = names_in(tmp_path)
    with pytest.raises(DamagedError) as refused:
        open_case(folder, private, tmp_path / "opened")
    assert str(refused.value).endswith(".")
    if damage.startswith("a file"):  # known before a single word is written
        assert "of this case is missing or altered" in str(refused.value)
    assert names_in(tmp_path) == before


def test_a_fault_in_the_middle_leaves_nothing_readable(
    left: tuple[Path, Key], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens after the first words are on the disk, they go again."""
    folder, private = left
    seen: list[list[str]] = []

    def stop(_texts: Texts, *_: object) -> str:
        seen.append(names_in(tmp_path))
        raise OSError

    monkeypatch.setattr(Texts, "plain", stop)
    before = names_in(tmp_path)
    with pytest.raises(DamagedError):
        open_case(folder, private, tmp_path / "opened")
    assert "opened.part" in seen[0]
    assert names_in(tmp_path) == before


def test_a_stranger_to_the_log_cannot_change_what_was_opened(
    left: tuple[Path, Key], tmp_path: Path
) -> None:
    """A statement, the number of records, the certificate: each is noticed."""
    folder, private = left
    open_case(folder, private, tmp_path / "opened")
    for name in ("data/proofs/opener.note", "data/proofs/opener.pem"):
        case = tmp_path / Path(name).name
        shutil.copytree(tmp_path / "opened" / "case", case)
        (case / name).unlink()
        assert verifier.verify(case) != ()
    case = tmp_path / "fewer"
    shutil.copytree(tmp_path / "opened" / "case", case)
    lines = (case / verifier.RECORDS).read_text(encoding="utf-8").splitlines(keepends=True)
    (case / verifier.RECORDS).write_text("".join(lines[:1]), encoding="utf-8")
    assert verifier.Problem("missing", verifier.RECORDS) in verifier.verify(case)
    one = json.loads(lines[0])
    one["committed"][0]["text"] = one["committed"][0]["text"].replace("They", "Nobody") + " "
    (case / verifier.RECORDS).write_text(json.dumps(one) + "\n" + lines[1], encoding="utf-8")
    codes = {problem.code for problem in verifier.verify(case)}
    assert {"changed", "not-included"} <= codes


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no OpenSSL on this machine")
def test_the_commands_of_the_guide_check_what_was_opened(
    left: tuple[Path, Key], tmp_path: Path
) -> None:
    """A sceptic follows the chain with common tools: log, certificate, list of contents."""
    folder, private = left
    open_case(folder, private, tmp_path / "opened")
    case = tmp_path / "opened" / "case"
    commands = guide_commands(case, tmp_path)
    assert len(commands) == 10
    for command in commands:
        assert runs(case, command), command
    _signs_anew(case, identities.new_identity())
    broken = [command for command in commands if not runs(case, command)]
    assert broken == ["sed '1,3d' " + f"{tmp_path}/opener.txt | sha256sum -c"]
    assert {one.code for one in verifier.verify(case)} >= {"foreign-signature"}


def _signs_anew(case: Path, forger: Key) -> None:
    """Do as somebody who has no certified key: another key's file, another signature."""
    public = verifier.read_key(prooflog.verifier_key(forger, "forger"), "").public
    (case / verifier.OPENER_PEM).write_text(verifier.key_pem(public), "utf-8")
    lines = (case / verifier.CONTENTS).read_text("utf-8").split("\n\n")[0].splitlines()
    digest = verifier._digest_of(case / verifier.OPENER_PEM)  # noqa: SLF001 - as a forger would
    text = "".join(
        f"{digest}  {verifier.OPENER_PEM}\n" if line.endswith(verifier.OPENER_PEM) else line + "\n"
        for line in lines
    )
    note = prooflog.sign_note(forger, "forger", text)
    (case / verifier.CONTENTS).write_text(note, "utf-8")
    signature = base64.b64decode(note.rsplit(" ", 1)[1])[verifier.KEY_HASH_BYTES :]
    (case / verifier.CONTENTS_SIGNATURE).write_bytes(signature)
    repair_manifests(case)


# ---------------------------------------------------------------- the command


def test_the_commands_carry_a_case_sealed_to_somebodys_own_computer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`aman export --sealed`, `aman open`, `aman verify`: no server, no secret, one sentence."""
    del log
    made = set_up(tmp_path / "home", {}, derivation.FLOOR)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "env")
    monkeypatch.setenv("AMAN_VAULT_SECRET", made.words)
    asyncio.run(fill(made.config_path))
    config, out = str(made.config_path), tmp_path / "case"
    export = ["export", "Evening of tea", "--sealed", "--out", str(out), "--config", config]
    assert main(export) == 2  # nobody has a key
    identity, other = (_makes(tmp_path / name) for name in ("aigul", "other"))
    assert main(["keys", "add", f"{identity}.pub", "--config", config]) == 0
    assert main(export) == 0
    assert "aman open" in capsys.readouterr().out
    monkeypatch.delenv("AMAN_VAULT_UNLOCK")
    monkeypatch.delenv("AMAN_VAULT_SECRET")
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(tmp_path / "home")
    assert main(["open", str(out), "--identity", str(other)]) == 3
    said = capsys.readouterr().err
    assert said.startswith("This case is not sealed to this identity")
    assert said.count("\n") == 1
    assert main(["open", str(out), "--identity", f"{identity}.pub"]) == 2
    assert main(["open", str(tmp_path / "no"), "--identity", str(identity)]) == 1
    assert main(["open", str(out), "--identity", str(identity)]) == 0
    assert main(["open", str(out), "--identity", str(identity)]) == 2  # it is there already
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "case-opened" / "case")]) == 0
    assert "Opened from its seal by a keyholder" in capsys.readouterr().out
    assert main(["verify", str(out)]) == 1  # a sealed case says nothing to anybody


def _makes(file: Path) -> Path:
    assert main(["keys", "new", str(file)]) == 0
    public = public_half(identities.read_private(file.read_text(encoding="utf-8")))
    file.with_name(f"{file.name}.pub").write_text(identities.public_line(public), "utf-8")
    return file
