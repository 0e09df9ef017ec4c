"""The page for writing at length: it shows a record whole, and nobody else writes on it."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.cli import main
from bot.editing.command import open_case
from bot.editing.draft import DraftError, alone, take_up
from safety.additions import MOST
from safety.people import Role
from safety.statements import Topic
from storage.additions import LARGEST, FullSheetError, write
from storage.vault import identities
from storage.vault.keys import Key
from tests.bot.desk import Browser, leaf_of, page_of, states
from tests.bot.test_bundles import an_evening, everything, exports, names_in
from tests.handlers.test_closing import has_key
from tests.harness import START, World

HOSTILE = (
    'Уходите <script>alert(1)</script> "><img src=x onerror=alert(2)>\n{{ 7*7 }} javascript:x'
)
FORM = "1/words"
FIELDS = {"text": "unmistakable words", "basis": "saw"}


@dataclass(frozen=True, slots=True)
class Left:
    """A case that has left the server sealed, and the lawyer and organizer whom it opens to."""

    bundle: Path
    lawyer: Key
    organizer: Key


async def _leave(folder: Path) -> Left:
    """Let a report with a video and two statements, and an alarm, leave sealed."""
    async with World(folder) as world:
        event, _ = await an_evening(world, folder)
        aigul = world.person("Aigul")
        lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
        organizer, _ = await has_key(world, "Aigul")
        await states(aigul, "A promise", ">the back exit", ">an official", "Skip", "I saw it")
        await states(aigul, "In your own words", f">{HOSTILE}", "I saw it")
        out = folder / "sealed"
        await exports(world, folder, str(event.id), out, is_sealed=True)
    return Left(out, lawyer, organizer)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Give one sealed case for all that only reads it: making it takes longest."""
    return asyncio.run(_leave(tmp_path_factory.mktemp("server")))


@pytest.fixture
async def page(left: Left, tmp_path: Path) -> AsyncIterator[Browser]:
    """Give the page that it opens on, with a file of its own."""
    async with page_of(left.bundle, left.lawyer, START, tmp_path / "additions") as browser:
        yield browser


async def test_a_record_is_shown_whole_and_every_field_can_be_written(page: Browser) -> None:
    """What is open, what sources say, what can be corrected; in each of the three languages."""
    listed = await page.reads()
    assert "Visit or summons afterwards" in listed
    shown = await page.reads("1")
    for part in ("Two officers came to my parents.", "the back exit", "Video 1", "Still open"):
        assert part in shown
    for topic in Topic:
        if topic not in {Topic.ACT, Topic.TAKEN_BACK}:
            answer = await page.looks(f"1/{topic.value}")
            assert answer.status_code == 200, topic
            assert answer.text.count("autofocus") == 1
    page.home = page.home.replace("/en/", "/kk/")
    assert "Әлі ашық" in await page.reads("1")
    page.home = page.home.replace("/kk/", "/ru/")
    assert "Ещё открыто" in await page.reads("1")


async def test_words_stand_as_words_and_nothing_comes_from_elsewhere(page: Browser) -> None:
    """No script, no mark, no address of anything outside; the browser keeps nothing of it."""
    await page.saves("1/quote", quote=HOSTILE, basis="told", according_to="<b>N.</b>")
    broken = await page.saves("1/place", city='"><script>', basis="saw")
    assert broken.status_code == 422
    pages = [await page.looks(path) for path in ("", "1", "1/type", "2", "7")]
    for answer in (*pages, broken):
        text = answer.text.replace("&lt;script&gt;", "")
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>N" not in text
        assert "49 javascript" not in text
        assert "://" not in text
        for name, value in (
            ("content-security-policy", "default-src 'none'"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ):
            assert value in answer.headers[name]
    style = await page.client.get(f"/{page.home.split('/')[1]}/style.css")
    assert "url(" not in style.text
    assert "@import" not in style.text


async def test_no_other_page_in_the_same_browser_writes(page: Browser) -> None:
    """Not under another name of this machine, nor from elsewhere, even if it knew the key."""
    own = str(page.client.base_url).rstrip("/")
    port = own.rsplit(":", 1)[1]
    table: tuple[tuple[dict[str, str], int], ...] = (
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
        ({"host": f"localhost:{port}", "origin": own}, 421),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": own, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": own, "sec-fetch-site": "same-site"}, 403),
    )
    for headers, status in table:
        assert (await page.posts(FORM, FIELDS, **headers)).status_code == status, headers
    assert page.draft.additions == ()
    assert (await page.posts(FORM, FIELDS, origin=own)).status_code == 200
    assert len(page.draft.additions) == 1


async def test_without_the_key_nothing_is_shown_or_written(page: Browser) -> None:
    """Nor is a page shown to whoever was led here by another site."""
    right = page.home
    other = "A" if right[-5] != "A" else "B"  # the last sign of the key
    for wrong in ("/x/en/", f"{right[:-5]}{other}/en/", right.replace("/en/", "/xx/"), "/"):
        page.home = wrong
        for answer in (await page.looks("1"), await page.saves(FORM, **FIELDS)):
            assert (answer.status_code, answer.text in {"", "Not Found"}) == (404, True)
    page.home = right
    answer = await page.looks("1", **{"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.text) == (403, "")
    too_long = await page.saves(FORM, text="x" * 600_000, basis="saw")
    assert too_long.status_code == 413
    assert page.draft.additions == ()
    assert (await page.saves(FORM, **FIELDS)).status_code == 200  # and this is how it is done
    assert len(page.draft.additions) == 1


async def test_a_correction_begins_with_what_it_corrects_and_says_why(page: Browser) -> None:
    """Only what the team has stated, and only by a statement of the same kind."""
    leaf = leaf_of((await page.looks("1")).text, "A promise: the back exit")
    form = await page.looks(f"1/promise?corrects={leaf}")
    assert "the back exit</textarea>" in form.text
    again = await page.saves(f"1/promise?corrects={leaf}", promised="the front exit", basis="saw")
    assert again.status_code == 422
    assert "the front exit</textarea>" in again.text
    assert "Please say why." in again.text
    why = "misheard"
    done = await page.saves(
        f"1/promise?corrects={leaf}", promised="the front exit", basis="saw", why=why
    )
    assert "Saved." in done.text
    await page.saves(f"1/taken-back?corrects={leaf}", why="somebody else said it")
    await page.saves(f"1/act?of={leaf}", happened="It was locked.", basis="saw")
    kept = [(one.topic, dict(one.fields)) for one in page.draft.additions]
    assert [topic for topic, _ in kept] == [Topic.PROMISE, Topic.TAKEN_BACK, Topic.ACT]
    assert [said.get("corrects") for _, said in kept] == [leaf, leaf, None]
    assert kept[2][1]["of"] == leaf
    for path in (
        f"1/quote?corrects={leaf}",
        "1/promise?corrects=0",
        f"2/promise?corrects={leaf}",
        "1/act",
        "1/taken-back",
        f"1/promise?of={leaf}",
        "1/nothing",
    ):
        assert (await page.looks(path)).status_code == 404, path
        assert (await page.saves(path, promised="x", basis="saw", why="x")).status_code == 404


async def test_what_was_saved_is_there_after_a_power_cut_and_nowhere_in_the_clear(
    left: Left, tmp_path: Path
) -> None:
    """Sealed at once, whole or as it was before; what a cut left half written is no hindrance."""
    before, file = everything(left.bundle), tmp_path / "additions"
    async with page_of(left.bundle, left.lawyer, START, file) as page:
        await page.saves(FORM, **FIELDS)
        await page.saves("1/quote", quote="dropped again", basis="saw")
        dropped = page.draft.additions[1].id.hex()
        assert "Taken out." in (await page.saves("1/drop", id=dropped)).text
    for rest in (".new", ".new.part"):
        (tmp_path / f"additions{rest}").write_bytes(b"half")
    async with page_of(left.bundle, left.lawyer, START, file) as page:
        assert "unmistakable words" in await page.reads("1")
        await page.saves(FORM, **FIELDS)
        assert len(page.draft.additions) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = everything(tmp_path)
    assert b"unmistakable" not in written
    assert b"dropped again" not in written
    assert everything(left.bundle) == before


async def test_what_cannot_be_saved_is_said_and_stays_on_the_form(
    left: Left, tmp_path: Path
) -> None:
    """Nobody believes that something is kept which is not."""
    elsewhere = tmp_path / "stick"
    elsewhere.mkdir()
    file = elsewhere / "additions"
    async with page_of(left.bundle, left.lawyer, START, file) as page:
        shutil.rmtree(elsewhere)
        answer = await page.saves(FORM, **FIELDS)
        assert answer.status_code == 422
        assert "could not be saved" in answer.text
        assert "unmistakable words</textarea>" in answer.text
        elsewhere.mkdir()
        assert "Saved." in (await page.saves(FORM, **FIELDS)).text
    assert file.exists()


def test_a_file_takes_so_many_additions_and_says_when_it_is_full(
    left: Left, tmp_path: Path
) -> None:
    """What it holds stays as it was; a file that is too large is never even read."""
    draft = take_up(
        tmp_path / "additions", open_case(left.bundle, left.lawyer).writer, left.lawyer
    )
    draft.add(1, Topic.WORDS, tuple(FIELDS.items()), START)
    (one,) = draft.additions
    before = draft.path.read_bytes()
    for many in ((one,) * (MOST + 1), (replace(one, fields=(("text", "x" * LARGEST),)),)):
        with pytest.raises(FullSheetError):
            write(draft.path, draft.writer, many)
    assert draft.path.read_bytes() == before


def test_a_file_of_somebody_else_is_never_written_over(left: Left, tmp_path: Path) -> None:
    """Nor one that is no file of additions, nor one that another page writes."""
    file = tmp_path / "additions"
    mine, theirs = (open_case(left.bundle, key) for key in (left.lawyer, left.organizer))
    take_up(file, theirs.writer, left.organizer).add(1, Topic.WORDS, tuple(FIELDS.items()), START)
    for content in (file.read_bytes(), b"diary"):
        file.write_bytes(content)
        with pytest.raises(DraftError, match="cannot be gone on with"):
            take_up(file, mine.writer, left.lawyer)
        assert file.read_bytes() == content
    file.unlink()
    take_up(file, mine.writer, left.lawyer)
    forged = replace(mine.writer, secret=Key(bytes(32)))
    with pytest.raises(DraftError, match="not written by who they say"):
        take_up(file, forged, left.lawyer)
    with alone(left.bundle), pytest.raises(DraftError, match="another page"), alone(left.bundle):
        pass


def test_the_command_refuses_in_one_sentence(
    left: Left, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong key is exit code 3; what is no case, or asks for two things at once, is 2."""
    own, wrong = tmp_path / "own", tmp_path / "wrong"
    own.write_text(identities.private_text(left.lawyer), encoding="utf-8")
    wrong.write_text(identities.private_text(identities.new_identity()), encoding="utf-8")
    opening = ["open", str(left.bundle), "--edit", "--identity"]
    assert main([*opening, str(wrong)]) == 3
    assert main([*opening, str(own), "--out", str(tmp_path / "out")]) == 2
    assert main(["open", str(tmp_path / "none"), "--edit", "--identity", str(own)]) == 2
    assert main([*opening[:2], "--identity", str(own), "--additions", str(own)]) == 2
    said = capsys.readouterr()
    assert len(said.err.strip().splitlines()) == 4
    assert said.out == ""
    assert names_in(tmp_path) == ["own", "wrong"]
