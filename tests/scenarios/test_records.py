"""The examples that the store exists for: entered by presses, given out, verified, read back.

A director takes a room back and is promoted later; somebody presumes that they were tailed; two
sources give an attack two dates; a complaint about threats is answered for another platform.
"""

import json
import re
from pathlib import Path
from typing import Any

from bot.opening import open_case
from storage.vault import verifier
from tests.bot.test_bundles import exports, records_of
from tests.handlers.test_closing import has_key
from tests.harness import Someone, World
from tests.storage.bundle.cases import TEXTS

SKIP = "Skip"
SAW, PRESUMED, CONCLUDED = "I saw it", "It is presumed", "We conclude it"
VIDEO = "https://video.example/7"
REPLY = "Filed 3 June, answered 15 July: no threats found, on another platform."


def _document(name: str) -> tuple[str, str]:
    return "A document", f">{name}"


def _told(by: str) -> tuple[str, str]:
    return "Somebody told me", f">{by}"


async def _reports(someone: Someone, words: str) -> None:
    """Report in words alone; what is known beside them is stated by whoever knows it."""
    await someone.writes("/report")
    await someone.writes(words)
    await someone.presses("Done")


async def _opens(someone: Someone, number: int) -> None:
    await someone.writes("/incidents")
    await someone.presses(f" {number} · ")
    await someone.presses("Open questions")


async def _states(someone: Someone, topic: str, *steps: str) -> None:
    """Answer the questions of a topic: press a button, or write what begins with `>`."""
    if not someone.can_press(topic):
        await someone.presses("Something else")
    await someone.presses(topic)
    for step in steps:
        await (someone.writes(step[1:]) if step.startswith(">") else someone.presses(step))
    assert someone.shows("Kept.")


async def _corrects(someone: Someone, what: str, *steps: str) -> None:
    await someone.presses("Something else")
    await someone.presses("Correct something")
    await someone.presses(what)
    for step in steps:
        await (someone.writes(step[1:]) if step.startswith(">") else someone.presses(step))
    assert someone.shows("Kept.")


async def _enters_the_director(aigul: Someone) -> None:
    await _reports(aigul, "The director of the youth centre took the room back.")
    await _opens(aigul, 1)
    letter = _document("letter of the centre")
    group = "Place refused, eviction, pressure"
    await _states(aigul, "What kind", group, "Venue refused or contract broken", *letter)
    await _states(aigul, "When", "Yesterday", SAW)
    await _states(aigul, "Where", "Almaty", SKIP, ">Youth centre", SKIP, SAW)
    describe = ("Describe them", ">the director", SKIP, SKIP, SKIP, ">S. K.")
    await _states(aigul, "Who acted", "Public institution", "1", SAW, *describe)
    await _states(aigul, "Whom it hit", "Participant", ">25", SKIP, PRESUMED)
    promoted = ">Later the director was promoted."
    await _states(aigul, "In your own words", promoted, *_told("the press"))


async def _enters_the_tailing(aigul: Someone) -> None:
    await _reports(aigul, "The same man stood behind us twice.")
    await _opens(aigul, 3)
    await _states(aigul, "What kind", "Somebody follows or watches", "Tailing", PRESUMED)
    await _states(aigul, "When", "Only the month", ">05.2026", PRESUMED)
    await _states(aigul, "Where", ">Taraz", ">Shymkent", ">Railway station", SKIP, PRESUMED)
    await aigul.presses("Who acted")  # nobody knows: nothing is added
    await aigul.presses(SKIP)
    aigul.sees("Nothing was added.")
    await _states(aigul, "Hangs together", "is part of", ">2", CONCLUDED)


async def _enters_the_attack(aigul: Someone, dana: Someone) -> None:
    await _reports(aigul, "The evening was disturbed by a crowd.")
    await _opens(aigul, 2)
    await _states(aigul, "When", "A certain day", ">28.05.2026", SAW)
    await _states(aigul, "What kind", "Attack, damage, injury", "Disruption by a group", SAW)
    await _states(aigul, "Who acted", "Crowd", ">50", "about", SAW, "That is all")
    await _corrects(aigul, "Who acted", "Say it better", "Crowd", "30", "about", SAW)
    await aigul.writes("counted on the video")
    await aigul.presses("That is all")
    promise = (">the back exit", ">an official", SKIP, SAW)
    await _states(aigul, "A promise", *promise)
    await _opens(dana, 2)
    await _states(dana, "What kind", "Attack, damage, injury", "Physical assault", SAW)
    await _states(dana, "What became of the promise", ">through the front one", SAW)
    await _states(dana, "Whom it hit", "Participant", ">4", "1", SAW)
    harm = ("Physical", ">bruises", "no", "yes", SKIP, *_document("the examination"))
    await _states(dana, "What harm", *harm)
    words = (">Сіздерге мұнда орын жоқ", "Қазақша", ">a man in a cap", SAW)
    await _states(dana, "What was said", *words)
    await _states(dana, "Sign of bias", "slur", CONCLUDED)
    await _opens(dana, 2)
    await dana.presses("Something else")
    await dana.presses("When")
    await dana.presses("A certain day")
    await dana.writes("29.05.2026")
    await dana.presses("A document")
    await dana.writes("the hotel's letter")
    dana.sees("Sources differ about: date")


async def _enters_the_threats(aigul: Someone) -> None:
    await _reports(aigul, f"Threats under a video: {VIDEO}")
    await _opens(aigul, 4)
    await _states(aigul, "What kind", "Threats", "Death threat", SAW)
    await _states(aigul, "What kind", "An official answer", "Complaint not properly", CONCLUDED)
    await _states(aigul, "In your own words", f">{REPLY}", *_document("reply no. 12"))


# ---------------------------------------------------------------- what has to come out

ALMATY_DIRECTOR = {
    "id": 1,
    "types": ["venue_refusal"],
    "date": {"precision": "day", "value": "2027-05-25"},
    "place": {"city": "Almaty", "name": "Youth centre"},
    "actors": [
        {
            "kind": "public_institution",
            "count": 1,
            "description": "the director",
            "name": "S. K.",
            "said": ["Aigul saw witnessed"],
        }
    ],
    "victims": [{"role": "participant", "count": 25, "said": ["Aigul presumed presumed"]}],
    "claims": [
        "statement = The director of the youth centre took the room back. (Aigul reported)",
        "types = venue_refusal (Aigul document reported letter of the centre)",
        "date = 2027-05-25 (Aigul saw witnessed day)",
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
    "types": ["death_threat", "complaint_neglected"],
    "evidence": [{"kind": "web_address", "address": VIDEO, "given_by": "Aigul"}],
    "claims": [
        f"statement = Threats under a video: {VIDEO} (Aigul reported)",
        "types = death_threat (Aigul saw witnessed)",
        "types = complaint_neglected (Aigul concluded assessed)",
        f"statement = {REPLY} (Aigul document reported reply no. 12)",
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


async def test_the_four_examples_come_out_as_they_were_entered(
    world: World, tmp_path: Path
) -> None:
    """Nothing is lost, nothing is made up: what nobody knew is absent from the whole record."""
    team = await world.has_team()
    aigul, dana = team.organizer, team.second
    event = await world.has_event()
    await _enters_the_director(aigul)
    await _enters_the_attack(aigul, dana)
    await _enters_the_tailing(aigul)
    await _enters_the_threats(aigul)
    private, _ = await has_key(world, "Aigul")
    await exports(world, tmp_path, str(event.id), tmp_path / "plain")
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed", is_sealed=True)
    open_case(tmp_path / "sealed", private, tmp_path / "opened")
    for out in (tmp_path / "plain", tmp_path / "opened" / "case"):
        assert _read_back(out, aigul, dana) == [ALMATY_DIRECTOR, ATTACK, TAILING, THREATS]
    page = (tmp_path / "plain" / "data" / "dossier.html").read_text("utf-8")
    keys = (
        "contradiction",
        "field-date",
        "basis-presumed",
        "count-about",
        "actor-crowd",
        "one-of",
    )
    for words in (*(TEXTS.plain(event.language, f"dossier-{key}") for key in keys), "S. K."):
        assert words in page
    for someone in (aigul, dana):  # what they wrote has left the chat
        assert {seen.text for seen in someone.chat if not seen.is_ours} <= {
            "/report",
            "/incidents",
        }
