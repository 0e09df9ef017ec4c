"""The examples that the store exists for: entered by presses, given out, verified, read back.

A director promises a room, takes it back and is promoted later; somebody presumes that they were
tailed; two sources give an attack two dates; a complaint about threats is answered after six
weeks, for another platform.
"""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.opening import open_case
from storage.vault import verifier
from tests.bot.test_bundles import exports, records_of
from tests.handlers.test_closing import has_key
from tests.handlers.test_disclosure import has_venue
from tests.harness import Someone, World
from tests.recorded import opens_questions, reports
from tests.storage.bundle.cases import TEXTS

SKIP = "Skip"
SAW, PRESUMED, CONCLUDED = "I saw it", "It is presumed", "We conclude it"
VIDEO = "https://www.youtube.com/watch?v=7"
PROMISE, REFUSAL = "You have the hall until ten", "The hall is needed for something else"
CALLED = "I was called about you"
REPLY = "Проверена сеть Facebook, угроз не обнаружено."
SEARCHED = "searched_a_platform (Facebook)"
SIX_WEEKS = timedelta(weeks=6)


def _document(name: str) -> tuple[str, str]:
    return "A document", f">{name}"


def _told(by: str) -> tuple[str, str]:
    return "Somebody told me", f">{by}"


async def _states(someone: Someone, topic: str, *steps: str) -> None:
    """Answer the questions of a topic: press a button, or write what begins with `>`."""
    if not someone.can_press(topic):
        await someone.presses("Something else")
    await someone.finds(topic)
    for step in steps:
        await (someone.writes(step[1:]) if step.startswith(">") else someone.finds(step))
    assert someone.shows("Kept.")


async def _notes(someone: Someone, kind: str, *steps: str) -> None:
    """Add an entry to the ledger of the place: what is no label of a button is written."""
    await someone.presses("Add an entry")
    await someone.presses(kind)
    for step in steps:
        if someone.find_button(step, someone.screens[-1]):
            await someone.presses(step, someone.screens[-1])
        else:
            await someone.writes(step)


async def _corrects(someone: Someone, what: str, *steps: str) -> None:
    await someone.presses("Something else")
    await someone.presses("Correct something")
    await someone.finds(what)
    for step in steps:
        await (someone.writes(step[1:]) if step.startswith(">") else someone.finds(step))
    assert someone.shows("Kept.")


async def _enters_the_director(aigul: Someone) -> None:
    director = ("Public institution", "Director S. K.")
    await aigul.writes("/venue")
    await aigul.presses("Agreed, promised, refused")
    await _notes(aigul, "They promised", PROMISE, *director, "20.05", "saw it")
    await _notes(aigul, "They refuse", REFUSAL, *director, "Today", "saw it")
    await _notes(aigul, "They broke", PROMISE, "She locked it", *director, SKIP, "saw it")
    await _notes(aigul, "Somebody said", CALLED, *director, "Today", "was told")
    await aigul.presses("Record 1")
    await aigul.presses("Open questions")
    await _states(aigul, "Where", "Almaty", SKIP, ">Youth centre", SKIP, SAW)
    await _states(aigul, "Whom it hit", "Participant", ">25", SKIP, PRESUMED)
    promoted = ">Later the director was promoted."
    await _states(aigul, "In your own words", promoted, *_told("the press"))


async def _enters_the_tailing(aigul: Someone) -> None:
    await reports(aigul, "The same man stood behind us twice.")
    await opens_questions(aigul, 3)
    await _states(aigul, "What kind", "Somebody follows or watches", "Tailing", PRESUMED)
    await _states(aigul, "When", "Only the month", ">05.2026", PRESUMED)
    await _states(aigul, "Where", ">Taraz", ">Shymkent", ">Railway station", SKIP, PRESUMED)
    await aigul.presses("Who acted")  # nobody knows: nothing is added
    await aigul.presses(SKIP)
    aigul.sees("Nothing was added.")
    await _states(aigul, "Hangs together", "is part of", ">2", CONCLUDED)


async def _enters_the_attack(aigul: Someone, dana: Someone) -> None:
    await reports(aigul, "The evening was disturbed by a crowd.")
    await opens_questions(aigul, 2)
    await _states(aigul, "When", "A certain day", ">28.05.2026", SAW)
    await _states(aigul, "What kind", "Attack, damage, injury", "Disruption by a group", SAW)
    await _states(aigul, "Who acted", "Crowd", ">50", "about", SAW, "That is all")
    await _corrects(aigul, "Who acted", "Say it better", "Crowd", "30", "about", SAW)
    await aigul.writes("counted on the video")
    await aigul.presses("That is all")
    promise = (">the back exit", ">an official", SKIP, SAW)
    await _states(aigul, "A promise", *promise)
    await opens_questions(dana, 2)
    await _states(dana, "What kind", "Attack, damage, injury", "Physical assault", SAW)
    await _states(dana, "What became of the promise", ">through the front one", SAW)
    await _states(dana, "Whom it hit", "Participant", ">4", "1", SAW)
    harm = ("Physical", ">bruises", "no", "yes", SKIP, *_document("the examination"))
    await _states(dana, "What harm", *harm)
    words = (">Сіздерге мұнда орын жоқ", "Қазақша", ">a man in a cap", SAW)
    await _states(dana, "What was said", *words)
    await _states(dana, "Sign of bias", "slur", CONCLUDED)
    await opens_questions(dana, 2)
    await dana.presses("Something else")
    await dana.finds("When")
    await dana.finds("A certain day")
    await dana.writes("29.05.2026")
    await dana.presses("A document")
    await dana.writes("the hotel's letter")
    dana.sees("Sources differ about: date")


async def _enters_the_threats(aigul: Someone, lawyer: Someone) -> None:
    await reports(aigul, f"Threats under a video: {VIDEO}")
    await opens_questions(aigul, 4)
    await _states(aigul, "What kind", "Threats", "Death threat", SAW)
    await lawyer.writes("/case")
    await lawyer.presses("All complaints")
    await lawyer.presses("New complaint")
    await lawyer.presses("? 4")
    await lawyer.presses("Police")
    await lawyer.writes("City department")
    await lawyer.presses("Today")
    await lawyer.writes("KUI-123")


async def _is_answered(lawyer: Someone) -> None:
    """No threats found, after a search of another platform than the one where they stand."""
    await lawyer.writes("/case")
    await lawyer.presses("All complaints")
    await lawyer.presses("1 · Police")
    await lawyer.presses("They answered")
    for label in ("Archived", "Today", "no threats found", "searched a platform", "Done"):
        await lawyer.finds(label)
    await lawyer.finds("Facebook")
    await lawyer.presses(SKIP)
    await lawyer.writes(REPLY)
    await lawyer.presses(SKIP)
    lawyer.sees(f"(Facebook) ↔ {VIDEO}: it stands on another platform")
    await lawyer.presses("Yes, note 1")


# ---------------------------------------------------------------- what has to come out

DIRECTOR = "public_institution, Director S. K."
PROMISED_ON = {"precision": "day", "value": "2027-05-20"}
DAY_BEFORE = {"precision": "day", "value": "2027-05-27"}
ALMATY_DIRECTOR = {
    "id": 1,
    "types": ["venue_refusal"],
    "date": DAY_BEFORE,
    "place": {"city": "Almaty", "name": "Youth centre"},
    "actors": [
        {
            "kind": "public_institution",
            "name": "Director S. K.",
            "said": ["Aigul saw witnessed"] * 2,  # of the refusal, and of what was broken
        }
    ],
    "victims": [{"role": "participant", "count": 25, "said": ["Aigul presumed presumed"]}],
    "promises": [
        {
            "promised": PROMISE,
            "by": DIRECTOR,
            "date": PROMISED_ON,
            "happened": "She locked it",
            "said": ["Aigul saw witnessed"] * 2,
        }
    ],
    "quotes": [
        {
            "text": REFUSAL,
            "speaker": DIRECTOR,
            "date": DAY_BEFORE,
            "said": ["Aigul saw witnessed"],
        },
        {"text": CALLED, "speaker": DIRECTOR, "date": DAY_BEFORE, "said": ["Aigul told reported"]},
    ],
    "claims": [
        "city = Almaty (the bot presumed presumed)",
        "types = venue_refusal (Aigul saw witnessed)",
        "date = 2027-05-27 (Aigul saw witnessed day)",
        "types = venue_refusal (Aigul saw witnessed)",
        "city = Almaty (Aigul saw witnessed)",
        "place = Youth centre (Aigul saw witnessed)",
        "statement = Later the director was promoted. (Aigul told reported the press)",
    ],
}
ATTACK = {
    "id": 2,
    "types": ["disruption", "assault"],
    "actors": [
        {
            "kind": "crowd",
            "count": 30,
            "count_precision": "about",
            "said": ["Aigul saw witnessed"],
        }
    ],
    "victims": [{"role": "participant", "count": 4, "minors": 1, "said": ["Dana saw witnessed"]}],
    "harm": [
        {
            "kind": "physical",
            "description": "bruises",
            "treated": False,
            "examined": True,
            "said": ["Dana document reported the examination"],
        }
    ],
    "quotes": [
        {
            "text": "Сіздерге мұнда орын жоқ",
            "language": "kk",
            "speaker": "a man in a cap",
            "said": ["Dana saw witnessed"],
        }
    ],
    "promises": [
        {
            "promised": "the back exit",
            "by": "an official",
            "happened": "through the front one",
            "said": ["Aigul saw witnessed", "Dana saw witnessed"],
        }
    ],
    "corrections": [
        {
            "by": "Aigul",
            "field": "actors",
            "was": "crowd; 50; about",
            "was_by": "Aigul",
            "value": "crowd; 30; about",
            "why": "counted on the video",
        }
    ],
    "claims": [
        "statement = The evening was disturbed by a crowd. (Aigul reported)",
        "date = 2026-05-28 (Aigul saw witnessed day)",
        "types = disruption (Aigul saw witnessed)",
        "types = assault (Dana saw witnessed)",
        "bias = slur (Dana concluded assessed)",
        "date = 2026-05-29 (Dana document reported the hotel's letter day)",
    ],
}
TAILING = {
    "id": 3,
    "types": ["tailing"],
    "date": {"precision": "month", "value": "2026-05"},
    "place": {"name": "Railway station", "one_of": ["Shymkent", "Taraz"]},
    "links": [{"kind": "part_of", "record": 2, "said": ["Aigul concluded assessed"]}],
    "claims": [
        "statement = The same man stood behind us twice. (Aigul reported)",
        "types = tailing (Aigul presumed presumed)",
        "date = 2026-05 (Aigul presumed presumed month)",
        "city = Shymkent / Taraz (Aigul presumed presumed)",
        "place = Railway station (Aigul presumed presumed)",
    ],
}
THREATS = {
    "id": 4,
    "types": ["death_threat"],
    "evidence": [{"kind": "web_address", "address": VIDEO, "given_by": "Aigul"}],
    "case": [
        {
            "state": "filed",
            "authority": "police, City department",
            "number": "KUI-123",
            "date": DAY_BEFORE,
        },
        {
            "state": "archived",
            "authority": "police, City department",
            "number": "KUI-123",
            "date": {"precision": "day", "value": "2027-07-08"},
            "says": ["no_threats_found", SEARCHED],
            "reply": f"“{REPLY}”",
            "disagreements": [f"reply: {SEARCHED}; evidence: {VIDEO}; shows: another_platform"],
        },
    ],
    "claims": [
        f"statement = Threats under a video: {VIDEO} (Aigul reported)",
        "types = death_threat (Aigul saw witnessed)",
    ],
}


def _brief(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """Write who said something in one line; every moment is this morning's, and is left out."""
    match value:
        case {"certainty": _, "source": _}:
            names = ("source", "basis", "certainty", "according_to", "precision")
            who = " ".join(value[name] for name in names if name in value)
            is_claim = "field" in value
            return f"{value['field']} = {value['value']} ({who})" if is_claim else who
        case dict():
            moments = {"at", "captured_at", "committed"}
            return {name: _brief(one) for name, one in value.items() if name not in moments}
        case list():
            return [_brief(one) for one in value]
        case _:
            return value


def _read_back(out: Path, *people: Someone) -> list[Any]:
    """Give the records of a bundle, with people called by their names instead of their digits."""
    assert verifier.verify(out) == ()
    written = json.dumps(records_of(out), ensure_ascii=False)
    for one in people:
        written = re.sub(rf"organizer {str(one.team_id)[-4:]}\b", one.name, written)
    return [_brief(one) for one in json.loads(written)]


def _have_nothing_left(*people: Someone) -> None:
    """See that what people wrote has left the chat once it is stored."""
    for someone in people:
        left = {seen.text for seen in someone.chat if not seen.is_ours}
        assert left <= {"/report", "/incidents", "/venue", "/case"}


async def test_the_four_examples_come_out_as_they_were_entered(
    world: World, tmp_path: Path
) -> None:
    """Nothing is lost, nothing is made up: what nobody knew is absent from the whole record."""
    team = await world.has_team()
    aigul, dana = team.organizer, team.second
    event = await world.has_event()
    await has_venue(world, team)
    await world.pass_time(event.starts_at - timedelta(days=1) - world.now)
    await _enters_the_director(aigul)
    await _enters_the_attack(aigul, dana)
    await _enters_the_tailing(aigul)
    await _enters_the_threats(aigul, team.lawyer)
    _have_nothing_left(aigul, dana, team.lawyer)
    await world.pass_time(SIX_WEEKS)
    await _is_answered(team.lawyer)
    _have_nothing_left(team.lawyer)
    private, _ = await has_key(world, "Aigul")
    await exports(world, tmp_path, str(event.id), tmp_path / "plain")
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed", is_sealed=True)
    open_case(tmp_path / "sealed", private, tmp_path / "opened")
    for out in (tmp_path / "plain", tmp_path / "opened" / "case"):
        assert _read_back(out, aigul, dana) == [ALMATY_DIRECTOR, ATTACK, TAILING, THREATS]
    page = (tmp_path / "plain" / "data" / "dossier.html").read_text("utf-8")
    keys = (
        *("dossier-contradiction", "dossier-field-date", "dossier-basis-presumed"),
        *("dossier-count-about", "dossier-actor-crowd", "dossier-one-of", "dossier-disagreement"),
        *("complaint-says-no-threats-found", "complaint-shows-another-platform"),
    )
    words = (TEXTS.plain(event.language, key) for key in keys)
    for shown in (*words, "Director S. K.", PROMISE, REFUSAL, REPLY):
        assert shown in page
