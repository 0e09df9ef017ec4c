"""What a level forbids is in no byte of its bundle, and every proof holds all the same."""

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.bundles import ExportError, export_case, proved
from bot.cli import LEVELS, main
from bot.opening import open_case
from coordination import cases
from coordination.cases import Giving, Told
from coordination.turns import Work
from safety import exporting
from safety.cases import Identity
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.exporting import ExportLevel, Terms
from safety.facts import FactKind
from safety.incidents import (
    Entry,
    EntryKind,
    Incident,
    IncidentId,
    IncidentKind,
    IncidentState,
)
from safety.languages import Language
from safety.people import EventId
from safety.registration import Consent
from storage.bundle import codec
from storage.bundle.contents import CaseBundle, Log
from storage.bundle.writer import write
from storage.events import EVENTS
from storage.incidents import Committed, Stored
from storage.people import PEOPLE
from storage.vault import digests, prooflog, verifier
from storage.vault.prooflog import Tree
from tests.bot.test_bundles import (
    VIDEO,
    an_evening,
    config_of,
    consents,
    everything,
    names_in,
    records_of,
    stores,
)
from tests.bot.test_opening import _closed
from tests.handlers.test_closing import has_key
from tests.handlers.test_erasure import erases
from tests.harness import Someone, World, a_file
from tests.storage.bundle.cases import KEY, NAME, ORIGIN, TEXTS
from tests.storage.bundle.test_verify import _resign, repair_manifests

CONFIDENTIAL, PUBLIC = Terms(ExportLevel.CONFIDENTIAL), Terms(ExportLevel.PUBLIC)
AT = datetime(2027, 5, 17, 8, 31, 7, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Almaty")
PEOPLE_KNOWN = {
    "person-711112222333311": Identity(Consent.LAWYER_ONLY, None, is_minor=False),
    "person-722223333444422": Identity(Consent.SAY_IT_HAPPENED, None, is_minor=False),
    "person-733334444555533": Identity(Consent.NAME_ME, "Pseudonym-of-three", is_minor=False),
    "person-744445555666644": Identity(Consent.NAME_ME, "Pseudonym-of-four", is_minor=True),
}
ERASED = "person-755556666777755"
WHO = (*PEOPLE_KNOWN, ERASED, "organizer-766667777888866", None)
WORDS = ("text", "words", "place", "transferred", "reason", "location", "plate", "name", "type")


async def exports(world: World, folder: Path, out: Path, terms: Terms) -> int:
    """Export the one event of this world at a level; give how many records there are."""
    slots = world._slots  # noqa: SLF001 - the keys of this world
    config = config_of(folder)
    done = await export_case(config, slots, "Evening of tea", out, world.now, terms=terms)
    return done.records


async def _is_minor(world: World, someone: Someone) -> None:
    def change(work: Work) -> None:
        assert someone.person_id is not None
        person = PEOPLE.get(work.tx, someone.person_id)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, is_minor=True))

    await world.change(change)


# ---------------------------------------------------------------- the evening


async def test_lawyer_only_means_that_nobody_else_reads_of_it(
    world: World, tmp_path: Path
) -> None:
    """Neither words, nor file, nor reference of her stand in a confidential or public bundle."""
    _, aliya = await an_evening(world, tmp_path)
    await exports(world, tmp_path, tmp_path / "whole", Terms())
    assert b"Two officers" in everything(tmp_path / "whole")
    for name, terms in (("confidential", CONFIDENTIAL), ("public", PUBLIC)):
        out = tmp_path / name
        assert await exports(world, tmp_path, out, terms) == 0
        written = everything(out)
        for secret in (b"Two officers", b"Aliya", VIDEO[:64], b"at the door"):
            assert secret not in written
        assert str(aliya.person_id).encode() not in written
        assert verifier.verify(out) == ()


async def test_whoever_agrees_is_read_without_a_name(world: World, tmp_path: Path) -> None:
    """*Say that it happened*: the words and the place in the log, no name, no original."""
    _, aliya = await an_evening(world, tmp_path)
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.SAY_IT_HAPPENED)
    out = tmp_path / "out"
    assert await exports(world, tmp_path, out, CONFIDENTIAL) == 2
    written = everything(out)
    assert b"Two officers came to my parents." in written
    assert b"Aliya-the-pseudonym" not in written
    assert VIDEO[:64] not in written
    (file,) = records_of(out)[0]["evidence"]
    assert (file["is_withheld"], file["kind"]) == (True, "video")
    assert not {"file", "sha256", "size", "name"} & set(file)
    assert verifier.verify(out) == ()
    (line,) = verifier.said_of_level(out, ("en",))
    hidden = sum("commitment" in one for row in records_of(out) for one in row["committed"])
    assert f": {hidden} statements are withheld" in line
    assert hidden > 0
    assert await exports(world, tmp_path, tmp_path / "public", PUBLIC) == 0


async def test_the_public_reads_kinds_months_and_roles(world: World, tmp_path: Path) -> None:
    """Only what is confirmed, of whom may be named, and still without the name."""
    _, aliya = await an_evening(world, tmp_path)
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    out = tmp_path / "out"
    assert await exports(world, tmp_path, out, PUBLIC) == 1  # nobody has confirmed the alarm
    (record,) = records_of(out)
    assert record["types"] == ["follow_up_visit"]
    assert record["date"] == {"precision": "month", "value": "2027-05"}
    assert record["confirmed_by"] == [{"by": "organizer"}]
    assert {one["source"] for one in record["claims"]} == {"participant"}
    assert [set(one) for one in record["evidence"]] == [{"id", "kind", "is_withheld"}]
    written = everything(out)
    for secret in (b"Aliya-the-pseudonym", b"Two officers", b"2027-05-2", b"Evening of tea"):
        assert secret not in written.replace(_made_on(out), b"")
    assert verifier.verify(out) == ()


def _made_on(out: Path) -> bytes:
    found = re.search(rb"Bagging-Date: (\S+)", (out / "bag-info.txt").read_bytes())
    assert found is not None
    return found[1]


async def test_minors_are_out_unless_the_lawyer_says_otherwise(
    world: World, tmp_path: Path
) -> None:
    """Her own word does not suffice while she is under age."""
    _, aliya = await an_evening(world, tmp_path)
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    await _is_minor(world, aliya)
    assert await exports(world, tmp_path, tmp_path / "one", CONFIDENTIAL) == 0
    assert b"Two officers" not in everything(tmp_path / "one")
    asked = replace(CONFIDENTIAL, with_minors=True)
    assert await exports(world, tmp_path, tmp_path / "two", asked) == 2
    assert await exports(world, tmp_path, tmp_path / "three", PUBLIC) == 0


async def test_an_erased_person_appears_nowhere_and_the_proofs_hold(
    world: World, tmp_path: Path
) -> None:
    """Not the name at any level; below the lawyer's not a word, nor what joins two statements."""
    _, aliya = await an_evening(world, tmp_path)
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    await exports(world, tmp_path, tmp_path / "before", CONFIDENTIAL)
    assert b"Aliya-the-pseudonym" in everything(tmp_path / "before")
    await world.person("Aigul").presses("Resolved")
    await world.person("Aigul").presses("It was real")
    await erases(aliya)
    for name, terms in (("whole", Terms()), ("confidential", CONFIDENTIAL), ("public", PUBLIC)):
        out = tmp_path / name
        await exports(world, tmp_path, out, terms)
        written = everything(out)
        assert b"Aliya-the-pseudonym" not in written
        assert str(aliya.chat_id).encode() not in written
        note = (tmp_path / "before" / verifier.CHECKPOINT).read_text("utf-8")
        assert [one.code for one in verifier.verify(out, known=(note,))] == ["unknown-checkpoint"]
        assert verifier.verify(out) == ()
        if terms.level is not ExportLevel.LAWYER:
            assert b"Two officers" not in written
            assert str(aliya.person_id).encode() not in written


@pytest.mark.parametrize("order", [1, -1])
def test_the_last_word_counts_in_every_record(order: int) -> None:
    """Where the roster is gone, what somebody said last decides, also of what happened before."""
    said = (("consent", "name-me"), ("name", "Dana")), (("consent", "lawyer-only"),)
    about = "person-733334444555533"
    told = [
        replace(
            one,
            stored=[
                replace(
                    one.stored[0],
                    entry=Entry(1, "identity", AT + timedelta(days=day), None, about, details),
                )
            ],
        )
        for one, day, details in zip(
            _told([[], []], [IncidentState.CONFIRMED] * 2), (1, 2), said, strict=True
        )
    ]
    (last,) = cases.identities_of(told[::order]).values()
    assert last == Identity(Consent.LAWYER_ONLY, None, is_minor=False)


async def test_a_keyholder_chooses_the_level_of_a_sealed_case(
    world: World, tmp_path: Path
) -> None:
    """It leaves whole; `aman open --level` withholds the same, and verifies."""
    event, aliya, private, _ = await _closed(world, tmp_path)
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    with pytest.raises(ExportError, match="aman open --level"):
        await exports(world, tmp_path, tmp_path / "refused", PUBLIC)
    assert not (tmp_path / "refused").exists()
    await exports(world, tmp_path, tmp_path / "sealed", Terms())
    for level, count in ((CONFIDENTIAL, 2), (PUBLIC, 1)):
        out = tmp_path / level.level.value
        open_case(tmp_path / "sealed", private, out, level)
        assert verifier.verify(out / "case") == ()
        assert len(records_of(out / "case")) == count
        assert VIDEO[:64] not in everything(out)
    assert b"Two officers" not in everything(tmp_path / "public")
    assert event.title.encode() not in everything(tmp_path / "public")


# ---------------------------------------------------------------- clean copies of pictures


def _photo() -> bytes:
    """Paint what a phone would send: with its owner and its place beside the pixels."""
    exif = Image.Exif()
    exif[0x013B] = "Aliya-the-owner"
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (9, 99, 199)).save(written, "JPEG", exif=exif, comment="K-7 Lane")
    return written.getvalue()


async def _sends_pictures(world: World, folder: Path) -> Someone:
    """Report with a photo, a photo sent as a file, and two files that only say they are one."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.SAY_IT_HAPPENED)
    await aliya.writes("/report")
    await aliya.sends_photo()
    await stores(world, folder, _photo())
    await aliya.sends_document("IMG_4410.png", size=1_000)
    await stores(world, folder, b"no picture at all")
    return aliya


async def test_pictures_leave_as_clean_copies_and_the_rest_stays(
    world: World, tmp_path: Path
) -> None:
    """The record names the copy and its hash; the original, its name and its hash stay here."""
    await _sends_pictures(world, tmp_path)
    out = tmp_path / "out"
    await exports(world, tmp_path, out, CONFIDENTIAL)
    assert verifier.verify(out) == ()
    photo, other = records_of(out)[0]["evidence"]
    assert photo["clean"]["file"] == "1-clean.jpg"
    assert (other["id"], other["is_withheld"]) == (2, True)
    written = everything(out)
    for secret in (b"Aliya-the-owner", b"K-7 Lane", b"IMG_4410", b"no picture at all"):
        assert secret not in written
    assert digests.sha256(_photo()).hex().encode() not in written
    assert names_in(out / "data" / "evidence") == ["1-clean.jpg"]
    assert "1-clean.jpg" in (out / "data" / "dossier.html").read_text("utf-8")
    left = photo["custody"][-1]
    assert (left["what"], left["by"]) == ("a clean copy was given out", "the server's shell")
    assert [name for name in names_in(tmp_path) if "part" in name] == []
    (out / "data" / "evidence" / "1-clean.jpg").write_bytes(_photo())
    repair_manifests(out)
    assert verifier.verify(out)


async def test_the_originals_are_untouched_and_the_lawyers(world: World, tmp_path: Path) -> None:
    """A clean copy takes nothing from what is kept; the public gets neither."""
    await _sends_pictures(world, tmp_path)
    await exports(world, tmp_path, tmp_path / "one", CONFIDENTIAL)
    await exports(world, tmp_path, tmp_path / "two", Terms())
    assert verifier.verify(tmp_path / "two") == ()
    (first, _) = sorted((tmp_path / "two" / "data" / "evidence").iterdir())
    assert first.read_bytes() == _photo()
    await exports(world, tmp_path, tmp_path / "three", PUBLIC)
    assert not (tmp_path / "three" / "data" / "evidence").exists()


async def test_whose_file_is_the_same_is_told_to_the_lawyer_alone(
    world: World, tmp_path: Path
) -> None:
    """Below that level it would join what two people gave, one of whom may not agree."""
    aliya = await _sends_pictures(world, tmp_path)
    await aliya.presses("Done")
    (event,) = await world.look(lambda tx: list(EVENTS.find(tx, "1 = 1")))
    bota = await world.has_participant(event, "Bota")
    await bota.writes("/report")
    await bota.sends_content({"document": {**a_file("other"), "file_name": "copy.jpg"}})
    await stores(world, tmp_path, _photo())
    for name, terms, same in (("whole", Terms(), [3]), ("others", CONFIDENTIAL, None)):
        await exports(world, tmp_path, tmp_path / name, terms)
        assert records_of(tmp_path / name)[0]["evidence"][0].get("same_as") == same


async def test_a_keyholder_gets_clean_copies_as_well(world: World, tmp_path: Path) -> None:
    """Painted on the keyholder's own computer, from the sealed case."""
    await _sends_pictures(world, tmp_path)
    private, _ = await has_key(world, "Aigul")
    slots = world._slots  # noqa: SLF001 - the keys of this world
    config, sealed = config_of(tmp_path), tmp_path / "sealed"
    await export_case(config, slots, "Evening of tea", sealed, world.now, is_sealed=True)
    open_case(sealed, private, tmp_path / "open", CONFIDENTIAL)
    case = tmp_path / "open" / "case"
    assert verifier.verify(case) == ()
    assert names_in(case / "data" / "evidence") == ["1-clean.jpg"]
    assert b"Aliya-the-owner" not in everything(tmp_path / "open")


# ---------------------------------------------------------------- whatever was said


def _entries(count: int) -> st.SearchStrategy[list[Entry]]:
    one = st.builds(
        _entry,
        st.sampled_from([*FactKind, EntryKind.CONFIRMED, EntryKind.FALSE]),
        st.integers(0, 9_000),
        st.sampled_from(WHO),
        st.sampled_from(WHO),
        st.sets(st.sampled_from(WORDS), max_size=3),
        st.booleans(),
    )
    return st.lists(one, min_size=1, max_size=count)


def _entry(  # noqa: PLR0917, PLR0913 - what an entry is made of
    what: FactKind | EntryKind,
    minutes: int,
    source: str | None,
    about: str | None,
    words: set[str],
    is_typed: bool,  # noqa: FBT001 - Hypothesis gives it by place
) -> Entry:
    details = tuple((name, "") for name in sorted(words))
    typed = (("when", "today"), ("certainty", "witnessed")) if is_typed else ()
    when = AT + timedelta(minutes=minutes)
    return Entry(0, what.value, when, source, about, (*details, *typed))


def _told(drawn: Sequence[Sequence[Entry]], states: Sequence[IncidentState]) -> list[Told]:
    """Make a case of it in which every word is one of a kind, with a photo in each incident."""
    told, leaf = [], 0
    for number, (entries, state) in enumerate(zip(drawn, states, strict=True), start=1):
        incident = Incident(
            IncidentId(number), EventId(1), number, IncidentKind.REPORT, number, state, AT
        )
        giver = entries[0].source if entries else None
        file = (("id", "9"), ("number", str(number)), ("kind", "photo"), ("name", ""))
        hashed = (("id", "9"), ("number", str(number)), ("sha256", f"{number:064x}"))
        every = [
            *entries,
            Entry(number, EntryKind.FILE_OWED.value, AT, giver, None, file),
            Entry(number, EntryKind.FILE_STORED.value, AT, None, None, (*hashed, ("size", "7"))),
        ]
        stored = []
        for place, one in enumerate(every):
            details = tuple(
                (name, value or f"w{number}x{place}x{name}z") for name, value in one.details
            )
            entry = replace(one, incident=number, details=details)
            salt = digests.sha256(f"{number} {place}".encode())
            stored.append(Stored(entry, Committed(leaf, salt, repr_of(entry))))
            leaf += 1
        item = EvidenceItem(
            number, EventId(1), number, number, EvidenceState.STORED, MediaKind.PHOTO, AT
        )
        told.append(Told(incident, stored, [item]))
    return told


def repr_of(entry: Entry) -> str:
    """Write all of an entry, as its committed text has it."""
    said = ", ".join(f'"{name}": "{value}"' for name, value in entry.details)
    return f'{{"what": "{entry.what}", "by": "{entry.source}", "about": "{entry.about}", {said}}}'


def _written(told: Sequence[Told], terms: Terms, out: Path) -> bytes:
    """Write the bundle of a case at a level; give every byte of every file."""
    giving = Giving(ZONE, terms)
    given_out = [
        cases.given_record(part, record, giving)
        for part, record in cases.records_of(told, PEOPLE_KNOWN, giving)
    ]
    texts = [one.committed for each in told for one in each.stored]
    leaves = [prooflog.leaf_hash(digests.commitment(one.salt, one.text.encode())) for one in texts]
    records = []
    for one in given_out:  # commit to the record as it is given out, as an export does
        text, salt = codec.canonical(one.record), digests.new_salt()
        itself = Committed(len(leaves), salt, text)
        leaves.append(prooflog.leaf_hash(digests.commitment(salt, text.encode())))
        records.append(proved(replace(one, committed=(*one.committed, itself))))
    write(
        out,
        CaseBundle(
            title="-",
            language=Language.EN.value,
            made_on=date(2030, 1, 1),
            records=tuple(records),
            evidence=(),
            log=Log(Tree(leaves), ORIGIN, KEY, NAME),
            text=lambda key: TEXTS.plain(Language.EN, key),
            level=terms.level,
        ),
    )
    assert verifier.verify(out) == ()
    return everything(out)


def _forbidden(told: Sequence[Told], terms: Terms) -> Iterable[str]:
    """Say what must be in no byte: by the rule as a person would put it, not as it is coded."""
    yes = {ExportLevel.CONFIDENTIAL: {Consent.SAY_IT_HAPPENED, Consent.NAME_ME}}
    agreed = {
        name
        for name, one in PEOPLE_KNOWN.items()
        if one.consent in yes.get(terms.level, {Consent.NAME_ME})
        and (not one.is_minor or terms.with_minors)
    }
    silent = {name for name in WHO if name and name.startswith("person-")} - agreed
    for name in silent:
        yield name.split("-")[1]
        yield f"participant {name[-4:]}"
    if "person-744445555666644" in silent:
        yield "Pseudonym-of-four"
    is_public = terms.level is ExportLevel.PUBLIC
    if is_public:
        yield from ("Pseudonym-of", "participant 3333", "766667777888866", "organizer 8866")
    for each in told:
        people = {name for one in each.stored for name in (one.entry.source, one.entry.about)}
        yield f"{each.incident.number:064x}"  # the hash of an original
        for one in each.stored:
            if is_public or people & silent:
                yield from (value for _, value in one.entry.details if re.match(r"w\d+x", value))
                yield one.committed.salt.hex() if is_public else "-never-"
            if is_public:
                yield one.entry.at.astimezone(ZONE).date().isoformat()


@pytest.mark.parametrize(
    "terms", [CONFIDENTIAL, replace(CONFIDENTIAL, with_minors=True), PUBLIC], ids=str
)
@given(data=st.data())
@settings(max_examples=15, deadline=None, phases=(Phase.reuse, Phase.generate))
def test_what_a_level_forbids_is_in_no_byte(terms: Terms, data: st.DataObject) -> None:
    """Whoever said what about whom, in whatever state: all files are searched."""
    drawn = data.draw(st.lists(_entries(4), min_size=1, max_size=4))
    states = data.draw(
        st.lists(st.sampled_from(IncidentState), min_size=len(drawn), max_size=len(drawn))
    )
    told = _told(drawn, states)
    with tempfile.TemporaryDirectory() as folder:
        written = _written(told, terms, Path(folder) / "out")
        found = [one for one in _forbidden(told, terms) if one.encode() in written]
        assert found == []


@given(_entries(5))
@settings(max_examples=100, deadline=None)
def test_where_everybody_agrees_every_word_is_told(entries: list[Entry]) -> None:
    """The sieve takes out no more than it must."""
    told = _told([entries], [IncidentState.UNCONFIRMED])[0]
    said = [one.entry for one in told.stored]
    everybody = {
        name: Identity(Consent.SAY_IT_HAPPENED, None, is_minor=False) for name in WHO if name
    }
    sifted = exporting.sift(said, everybody, CONFIDENTIAL)
    facts = [place for place, one in enumerate(said) if one.what in set(FactKind)]
    assert all(sifted[place] is said[place] for place in facts)
    assert exporting.sift(said, everybody, Terms()) == tuple(said)


# ---------------------------------------------------------------- forgers, and the command


def _uncovers(text: str) -> str:
    return text.replace('"commitment"', '"salt"', 1)


def _forges_a_commitment(text: str) -> str:
    found = re.search(r'"commitment":"([0-9a-f]{64})"', text)
    assert found is not None
    return text.replace(found[1], "0" * 64, 1)


@pytest.mark.parametrize("forge", [_uncovers, _forges_a_commitment])
def test_a_withheld_text_cannot_be_exchanged(tmp_path: Path, forge: Callable[[str], str]) -> None:
    """Its commitment is what the tree is made of; the log's own key cannot change that."""
    dana, silent = "person-722223333444422", "person-711112222333311"
    said = [Entry(1, "report", AT, who, None, (("text", ""),)) for who in (dana, silent)]
    out = tmp_path / "out"
    _written(_told([said], [IncidentState.CONFIRMED]), CONFIDENTIAL, out)
    path = out / verifier.RECORDS
    path.write_text(forge(path.read_text("utf-8")), "utf-8")
    _resign(out, KEY)
    repair_manifests(out)
    assert {one.code for one in verifier.verify(out)} <= {"not-included", "malformed"}
    assert verifier.verify(out)


def test_the_command_line_knows_the_levels(
    tmp_path: Path, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and exit code 2 for what makes no sense."""
    del log
    assert tuple(ExportLevel) == LEVELS
    command = ["export", "X", "--out", str(tmp_path / "o"), "--config", str(tmp_path / "none")]
    assert main([*command, "--level", "secret"]) == 2
    (tmp_path / "none").touch(mode=0o600)
    assert main([*command, "--with-minors"]) == 2
    assert "Minors" in capsys.readouterr().err.splitlines()[-1]
