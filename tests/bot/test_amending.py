"""What was written on a computer is brought: by whom it says, once; confirmed, it counts."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.amending import AmendError, require_file
from bot.cli import main
from bot.editing.command import open_case
from bot.editing.draft import take_up
from bot.opening import open_case as reopen
from coordination import keyholders
from coordination.editing import LaidOpen
from coordination.turns import Work
from safety.additions import Addition
from safety.events import Event
from safety.incidents import Entry, EntryKind
from safety.people import EventId, Role
from safety.statements import Fields, Topic
from storage import additions, incidents, proofs
from storage.transaction import Transaction
from storage.vault import verifier
from storage.vault.errors import VaultError
from storage.vault.keys import Key, new_case_pair
from storage.vault.parcels import ParcelWriter
from tests.bot.desk import Browser, amends, leaf_of, page_of, states
from tests.bot.test_bundles import an_evening, exports, names_in, records_of
from tests.handlers.test_closing import has_key
from tests.harness import START, Someone, World

LONG = "Они стояли у двери. " * 200
WORDS: Fields = (("text", "They waited at the door for an hour."), ("basis", "told"))


async def _leaves(world: World, folder: Path) -> tuple[Event, Someone, Key]:
    """Have a case with a confirmed report and an alarm leave, sealed to a lawyer."""
    event, _ = await an_evening(world, folder)
    private, _ = await has_key(world, "Timur", Role.LAWYER)
    aigul = world.person("Aigul")
    await states(aigul, "Who acted", "Crowd", "30", "about", "I saw it", "That is all")
    await exports(world, folder, str(event.id), folder / "sealed", is_sealed=True)
    return event, aigul, private


def _writes(case: LaidOpen, private: Key, file: Path, *found: tuple[int, Fields]) -> None:
    """Write some words to records, as the page does."""
    draft = take_up(file, case.writer, private)
    for record, fields in found:
        draft.add(record, Topic.WORDS, fields, START)


def _stated(tx: Transaction, event_id: EventId) -> list[Entry]:
    return [
        one.entry
        for incident in incidents.at_event(tx, event_id)
        for one in incidents.entries(tx, incident)
        if one.entry.what == EntryKind.STATEMENT.value
    ]


async def _fills_in(page: Browser) -> None:
    """Quote at length, name a kind, link two records, correct a number."""
    await page.saves("1/quote", quote=LONG, language="ru", basis="told", according_to="N.")
    await page.saves("1/type", type="tailing", basis="concluded")
    await page.saves("2/link", link="part_of", record="1", basis="concluded")
    leaf = leaf_of((await page.looks("1")).text, "Who acted: Crowd")
    better = {"actor": "crowd", "count": "28", "basis": "document", "why": "the video"}
    await page.saves(f"1/actor?corrects={leaf}", **better)


async def test_what_was_written_at_length_comes_back_is_read_and_counts_when_confirmed(
    world: World, tmp_path: Path
) -> None:
    """From the chat to the computer and back: told in numbers, marked, given out, verified."""
    event, aigul, private = await _leaves(world, tmp_path)
    async with page_of(tmp_path / "sealed", private, world.now) as page:
        await _fills_in(page)
    await world.pass_time(timedelta(minutes=5))
    brought = await amends(world, tmp_path, tmp_path / "sealed.additions")
    assert (brought.added, brought.records, brought.known, brought.missing) == (4, 2, 0, ())
    told = aigul.sees("Additions: 4. Records: 2. Written by Timur")
    assert told.text.splitlines()[0] == "Please look through."
    assert not aigul.shows("Они стояли")
    await aigul.presses("Look through", told)
    assert [one[-1] for one in aigul.sees("+ Something").labels[:2]] == ["+", "+"]
    await aigul.presses(" 1 · ")
    seen = aigul.sees("Stated (Timur, on a computer): What was said")
    assert "not confirmed yet: 3" in seen.text
    await aigul.presses("What was added")
    await aigul.presses("What kind: Tailing")
    aigul.sees("Timur, on a computer: Wed 26 May, 10:00")

    await aigul.writes("/threats")
    aigul.sees("No signs of trouble are recorded.")
    await exports(world, tmp_path, str(event.id), tmp_path / "before")
    record = records_of(tmp_path / "before")[0]
    assert record["types"] == ["follow_up_visit"]
    dossier = (tmp_path / "before/data/dossier.html").read_text(encoding="utf-8")
    assert "ничего не решает и нигде не считается" in dossier
    await aigul.writes("/incidents")
    await aigul.presses(" 1 · ")
    await aigul.presses("Confirm what was added")
    assert not aigul.can_press("Confirm what was added")
    await aigul.writes("/threats")
    assert "No signs" not in aigul.screens[-1].text

    await exports(world, tmp_path, str(event.id), tmp_path / "after")
    assert verifier.verify(tmp_path / "after") == ()
    report, alarm = records_of(tmp_path / "after")
    assert report["types"] == ["follow_up_visit", "tailing"]
    (quote,) = report["quotes"]
    assert (quote["text"], quote["language"]) == (LONG.strip(), "ru")
    (said,) = quote["said"]
    assert said["source"].startswith("lawyer ")
    assert (said["written_at"], said["at"]) == (
        "2027-05-26T10:00:00+05:00",
        "2027-05-26T10:05:00+05:00",
    )
    (correction,) = report["corrections"]
    assert (correction["was"], correction["value"]) == ("crowd; 30; about", "crowd; 28")
    assert [one["count"] for one in report["actors"]] == [28]
    assert [one["record"] for one in alarm["links"] if one["kind"] == "part_of"] == [1]
    dossier = (tmp_path / "after/data/dossier.html").read_text(encoding="utf-8")
    assert "ничего не решает и нигде не считается" not in dossier
    assert "написано на компьютере 2027-05-26 10:00" in dossier


async def test_nobody_confirms_what_was_not_on_their_screen(world: World, tmp_path: Path) -> None:
    """What came meanwhile is shown first, also where the one before was confirmed by somebody."""
    _, aigul, private = await _leaves(world, tmp_path)
    leila = await world.has_team_person("Leila", Role.ORGANIZER)
    case, file = open_case(tmp_path / "sealed", private), tmp_path / "sealed.additions"
    _writes(case, private, file, (1, WORDS))
    await amends(world, tmp_path, file)
    for someone in (aigul, leila):
        await someone.writes("/incidents")
        await someone.presses(" 1 · ")
    await leila.presses("Confirm what was added")
    _writes(case, private, file, (1, (("text", "More."), ("basis", "saw"))))
    await amends(world, tmp_path, file)
    await aigul.presses("Confirm what was added")
    aigul.is_told("Something was added meanwhile")
    assert "not confirmed yet: 1" in aigul.sees("Stated (").text
    await aigul.presses("Confirm what was added")
    assert not aigul.can_press("Confirm what was added")


async def test_brought_twice_it_is_there_once_and_a_longer_file_adds_the_rest(
    world: World, tmp_path: Path
) -> None:
    """Nobody has to know what was brought already; what belongs to no record is named."""
    event, aigul, private = await _leaves(world, tmp_path)
    case, file = open_case(tmp_path / "sealed", private), tmp_path / "file"
    _writes(case, private, file, (1, WORDS), (2, WORDS))
    size = await world.look(proofs.size)
    assert (await amends(world, tmp_path, file)).added == 2
    assert await world.look(proofs.size) == size + 2
    again = await amends(world, tmp_path, file)
    assert (again.added, again.known) == (0, 2)
    _writes(case, private, file, (1, (("text", "More."), ("basis", "saw"))))
    longer = await amends(world, tmp_path, file)
    assert (longer.added, longer.records, longer.known) == (1, 1, 2)
    assert await world.look(proofs.size) == size + 3
    foreign = (*WORDS, ("corrects", "99"), ("why", "never said of that record"))
    _writes(case, private, file, (9, WORDS), (9, WORDS), (2, foreign))
    stray = await amends(world, tmp_path, file)
    assert (stray.added, stray.known, stray.missing) == (0, 3, ((2, 1), (9, 2)))
    assert sum("Written by Timur" in seen.text for seen in aigul.screens) == 2
    assert len(await world.look(lambda tx: _stated(tx, event.id))) == 5  # one said in the chat
    assert await world.look(incidents.count_altered) == 0


async def test_a_locked_or_closed_case_takes_what_is_brought(world: World, tmp_path: Path) -> None:
    """Adding never needs reading; the keyholder reads it in the case that leaves next."""
    event, aigul, private = await _leaves(world, tmp_path)
    case, file = open_case(tmp_path / "sealed", private), tmp_path / "file"
    _writes(case, private, file, (1, WORDS))
    await world.locks()
    assert (await amends(world, tmp_path, file)).added == 1
    aigul.sees("Written by Timur")
    await world.opens_again()
    await aigul.presses("Resolved")
    await aigul.presses("It was real")
    await aigul.writes("/incidents")
    await aigul.presses("Case and other events")
    await aigul.presses("Close the case")
    await aigul.presses("Propose to close it")
    await world.person("Dana").presses("Confirm")
    aigul.sees("the case is closed")
    _writes(case, private, file, (2, (("text", "Afterwards."), ("basis", "saw"))))
    assert (await amends(world, tmp_path, file)).added == 1
    await exports(world, tmp_path, str(event.id), tmp_path / "closed")
    reopen(tmp_path / "closed", private, tmp_path / "opened")
    assert verifier.verify(tmp_path / "opened/case") == ()
    values = [[one["value"] for one in r["claims"]] for r in records_of(tmp_path / "opened/case")]
    assert WORDS[0][1] in values[0]
    assert "Afterwards." in values[1]


# ---------------------------------------------------------------- what is refused


def _flip(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a byte of it": lambda content: _flip(content, len(content) - 20),
    "cut short": lambda content: content[:-1],
    "something appended": lambda content: content + b"x",
    "empty": lambda _: b"",
    "something else": lambda _: b"PK" * 400,
    "huge": lambda content: content + bytes(additions.LARGEST_FILE),
}


FORGED = frozenset({"a stranger's", "another event's", "another keyholder's"})


async def test_what_is_not_ours_is_refused_in_one_sentence_and_adds_nothing(
    world: World, tmp_path: Path
) -> None:
    """Any byte altered; forged by whoever knows where to seal it; by a removed key."""
    event, _, private = await _leaves(world, tmp_path)
    case, good = open_case(tmp_path / "sealed", private), tmp_path / "good"
    _writes(case, private, good, (1, WORDS))
    size, half = await world.look(proofs.size), await world.look(additions.private_half)
    whole, altered = good.read_bytes(), tmp_path / "altered"
    for place in range(len(whole)):
        altered.write_bytes(_flip(whole, place))
        with pytest.raises(VaultError):
            additions.read(altered, half)
    files: dict[str, Path] = {}
    for name, damage in DAMAGE.items():
        files[name] = tmp_path / name
        files[name].write_bytes(damage(whole))
    one = Addition(bytes(16), 1, Topic.WORDS, WORDS, START)
    writer = case.writer
    forged: dict[str, tuple[additions.Writer, tuple[Addition, ...]]] = {
        "a stranger's": (replace(writer, secret=Key(bytes(32))), (one,)),
        "another event's": (replace(writer, event_id=EventId(event.id + 1)), (one,)),
        "another keyholder's": (replace(writer, holder_id=writer.holder_id + 1), (one,)),
        "for another bot": (replace(writer, recipients=(new_case_pair().public,)), (one,)),
        "no statement": (writer, (replace(one, fields=(("text", ""),)),)),
        "backdated": (writer, (replace(one, fields=(*WORDS, ("written", str(START)))),)),
    }
    for name, (by, said) in forged.items():
        files[name] = tmp_path / name
        additions.write(files[name], by, said)
    for name, purpose, content in (
        ("a backup", "backup", b"x"),
        ("noise", additions.PURPOSE, b"\xc1" * 9),
        ("nothing signed", additions.PURPOSE, b"\x80"),
    ):
        files[name] = tmp_path / name
        with ParcelWriter(files[name], writer.recipients, purpose) as parcel:
            parcel.write(content)
            parcel.finish()
    files["not there"] = tmp_path / "not there"
    for name, file in files.items():
        with pytest.raises(AmendError) as refused:
            await amends(world, tmp_path, file)
        sentence = str(refused.value)
        assert "othing was added" in sentence, (name, sentence)
        assert sentence.replace(str(tmp_path), "").count(".") == 1, sentence
        assert "waited" not in sentence
        assert (name == "huge") is ("too large" in sentence), name
        assert (name in FORGED) is ("not written by who they say" in sentence), name

    def remove(work: Work) -> None:
        keyholders.remove(work, keyholders.called(work, "Timur")[0])

    await has_key(world, "Zhanna")
    await world.change(remove)
    with pytest.raises(AmendError, match="enrolled no more"):
        await amends(world, tmp_path, good)
    assert await world.look(proofs.size) == size


def test_what_is_no_file_of_its_own_is_not_even_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link, a pipe, a directory, nothing, a name that cannot be one: exit code 2, at once."""
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "none", "a\x00b"):
        with pytest.raises(AmendError, match="nothing was added"):
            require_file(tmp_path / name)
    require_file(tmp_path / "file")
    assert main(["amend", str(tmp_path / "pipe")]) == 2
    assert main(["amend"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2
    assert names_in(tmp_path) == ["file", "link", "pipe"]
