"""Completing a record: what is open, one question at a time, and corrected in the open."""

from datetime import timedelta

import pytest

from handlers.buttons import pack
from handlers.buttons.questions import AskPress, ReplacePress, StatementPress, TakeBackPress
from handlers.ledger import LEDGER_FORM
from handlers.routes import FORMS
from handlers.texts import Texts
from safety.incidents import Entry, EntryKind, Incident
from safety.languages import Language
from safety.people import EventId, Role
from safety.statements import FIELDS, Topic
from storage import incidents as rows
from storage.vault.keys import KeyKind
from tests.harness import World
from tests.recorded import opens_questions, reports

TEXTS = Texts.load()
SAW = "I saw it"


async def _incident(world: World, event_id: EventId, number: int = 1) -> Incident:
    found = await world.look(lambda tx: rows.at_event(tx, event_id))
    return next(one for one in found if one.number == number)


async def _stated(world: World, incident: Incident) -> list[Entry]:
    said = await world.look(lambda tx: [one.entry for one in rows.entries(tx, incident)])
    return [one for one in said if one.what == EntryKind.STATEMENT.value]


async def test_the_open_questions_of_the_week_are_numbers_then_the_newest_first(
    world: World,
) -> None:
    """Over all events and without one; what is complete, false or old is not asked about."""
    aigul = await world.has_organizer()
    await reports(aigul, "Before there was an event.")
    await world.pass_time(timedelta(days=8))
    await world.has_event()
    for _ in range(8):
        await reports(aigul)
    await aigul.writes("/incidents")
    await aigul.presses(" 5 · ")
    await aigul.presses("It did not happen")
    await aigul.writes("/incidents")
    await aigul.presses("Open questions of this week")
    seen = aigul.sees("What is open this week.")
    assert "Records: 7. Open questions: 42." in seen.text
    numbers = [label.split(" ")[1] for label in seen.labels if "open: 6" in label]
    assert numbers == ["9", "8", "7", "6", "4", "3", "2"]
    await aigul.presses(" 2 · ", aigul.sees("this week"))
    aigul.sees("Number 2.\nStill open: 6")
    await aigul.presses("Back")
    aigul.sees("Number 2, ")


async def test_an_answer_is_two_taps_and_what_nobody_knows_adds_nothing(world: World) -> None:
    """The question goes when it is answered; *Skip* and "I don't know" leave it as it was."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await reports(aigul)
    await opens_questions(aigul)
    for unknown in ("Skip", "I don't know", "-"):
        await aigul.presses("When")
        await (aigul.presses if unknown == "Skip" else aigul.writes)(unknown)
        aigul.sees("Nothing was added.\nStill open: 6")
    incident = await _incident(world, event.id)
    assert await _stated(world, incident) == []
    await aigul.presses("When")
    await aigul.presses("Today")
    await aigul.presses(SAW)
    aigul.sees("Kept.\nStill open: 5")
    assert not aigul.can_press("When")
    (entry,) = await _stated(world, incident)
    details = (("topic", "date"), ("precision", "day"), ("basis", "saw"), ("date", "2027-05-26"))
    assert entry.details == details
    assert entry.source == f"organizer-{aigul.team_id}"


async def test_a_press_too_many_or_too_late_changes_nothing(world: World) -> None:
    """The second press on the same answer is refused calmly; *Cancel* leads back."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await reports(aigul)
    await opens_questions(aigul)
    await aigul.presses("Who acted")
    first = aigul.payload_of("Police")
    await aigul.forges(first)
    await aigul.forges(first)
    aigul.is_told(TEXTS.plain(Language.EN, "outdated-press"))
    aigul.sees("How many?")
    await aigul.writes("-3")
    aigul.sees("That number cannot be")
    await aigul.presses("2")
    await aigul.presses("exactly")
    last = aigul.payload_of("That is all") if aigul.can_press("That is all") else None
    assert last is None
    await aigul.presses(SAW)
    last = aigul.payload_of("That is all")
    await aigul.presses("That is all")
    await aigul.forges(last)
    aigul.is_told(TEXTS.plain(Language.EN, "outdated-press"))
    assert len(await _stated(world, await _incident(world, event.id))) == 1
    await aigul.presses("Where")
    await aigul.presses("Cancel")
    aigul.sees("Still open: 5")


async def test_a_correction_says_why_and_only_what_stands_can_be_corrected(world: World) -> None:
    """One of two organizers takes back what the other wrote; both are in the log."""
    aigul, dana = await world.has_organizer(), await world.has_organizer("Dana")
    event = await world.has_event()
    await reports(aigul)
    await opens_questions(aigul)
    await aigul.presses("Where")
    await aigul.writes("K-7 Lane 3")
    aigul.sees("Please write only the name of the city.")
    for step in ("Almaty", "Skip", "Skip", SAW):
        await aigul.presses(step)
    await opens_questions(dana)
    for step in ("Something else", "Correct something", "Almaty"):
        await dana.presses(step)
    dana.sees("Where: Almaty; saw it")
    back, better = dana.payload_of("Take it back"), dana.payload_of("Say it better")
    await dana.presses("Take it back")
    await aigul.forges(back)
    await dana.writes("It was in Taraz.")
    dana.sees("Kept.\nStill open: 6")
    await aigul.writes("It was in Oral.")  # her colleague was first
    aigul.sees("Nothing was added.\nStill open: 6")
    for payload in (back, better):
        await dana.forges(payload)
        dana.is_told(TEXTS.plain(Language.EN, "outdated-press"))
    said, taken = await _stated(world, await _incident(world, event.id))
    assert (said.detail("city"), taken.detail("why")) == ("Almaty", "It was in Taraz.")
    assert "Lane" not in str([seen.text for seen in (*aigul.chat, *dana.chat)])


async def test_one_can_always_add_while_the_case_is_locked(world: World) -> None:
    """Nothing is shown of what was said, every question is offered, and the answer is kept."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await reports(aigul)
    private = await world.look(lambda tx: tx.key(KeyKind.CASE_PRIVATE, event.id))
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.CASE_PRIVATE))
    await aigul.writes("/incidents")
    await aigul.presses("Open questions of this week")
    await aigul.presses("locked")
    aigul.sees("It cannot be read now. What you add is kept.")
    await aigul.presses("Whom it hit")
    for step in ("Participant", "3", "0", SAW):
        await aigul.presses(step)
    aigul.sees("Kept.")
    await aigul.presses("Something else")
    assert not aigul.can_press("Correct something")
    incident = await _incident(world, event.id)
    sealed = await world.look(lambda tx: rows.sealed_entries(tx, incident))
    (entry,) = [one.entry for one in rows.opened(private, sealed) if one.entry.detail("victim")]
    assert (entry.detail("count"), entry.detail("minors")) == ("3", "0")


@pytest.mark.parametrize("language", [Language.RU, Language.KK])
async def test_every_topic_is_asked_in_ones_own_language(world: World, language: Language) -> None:
    """Each question and each of its buttons has its words, and can be given up."""
    aigul = await world.has_organizer("Aigul", language)
    event = await world.has_event()
    await aigul.writes("/report")
    await aigul.writes("…бір сөз")
    incident = await _incident(world, event.id)
    cancel = TEXTS.plain(language, "button-cancel")
    for topic in set(Topic) - {Topic.ACT, Topic.TAKEN_BACK}:
        await aigul.forges(pack(AskPress(incident.id, topic)))
        first = TEXTS.plain(language, f"statement-ask-{next(iter(_steps(topic)))}")
        aigul.sees(first)
        await aigul.presses(cancel)
    assert await _stated(world, incident) == []


def _steps(topic: Topic) -> list[str]:
    form = next(form for form in FORMS if form.name == f"statement-{topic.value}")
    return [step.question.removeprefix("statement-ask-") for step in form.steps]


def test_every_field_of_a_statement_is_asked_for_and_has_its_words() -> None:
    """What the table knows can be said in chat, and in no other words than the catalogue's.

    When something was said or promised is asked where a place's ledger is written.
    """
    assert {"day"} <= {step.name for step in LEDGER_FORM.steps}
    for topic in set(Topic) - {Topic.ACT, Topic.TAKEN_BACK}:
        form = next(form for form in FORMS if form.name == f"statement-{topic.value}")
        elsewhere = set(FIELDS[Topic.DATE]) if topic in {Topic.QUOTE, Topic.PROMISE} else set()
        assert set(FIELDS[topic]) - elsewhere <= {step.name for step in form.steps}, topic
        TEXTS.require([f"statement-topic-{topic.value}", *(step.question for step in form.steps)])


@pytest.mark.parametrize("role", [Role.STEWARD, Role.DEPUTY, Role.LAWYER, Role.MEDIC, Role.PRESS])
async def test_nobody_but_organizers_completes_a_record(world: World, role: Role) -> None:
    """Neither asks nor corrects, by whatever press."""
    aigul, someone = await world.has_organizer(), await world.has_team_person("X", role)
    event = await world.has_event()
    await reports(aigul)
    incident = await _incident(world, event.id)
    presses = (AskPress(incident.id, Topic.DATE), StatementPress(incident.id, 1))
    for press in (*presses, ReplacePress(incident.id, 1), TakeBackPress(incident.id, 1)):
        await someone.forges(pack(press))
    assert len(someone.screens) <= 1
    someone.sees_nothing_of("When")


async def test_what_a_file_is_and_when_it_was_made_is_said_by_taps(world: World) -> None:
    """A screenshot, of which page, of which day; a page by itself; nothing is said of no file."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    await aigul.writes("/report")
    await aigul.sends_photo("They say when they will come.")
    await aigul.presses("Done")
    await opens_questions(aigul)
    for steps in (
        ("Photo 1", "Screenshot", ">https://video.example/7", "A certain day", ">24.05.2027"),
        ("Skip", "Web address", ">video.example", ">https://video.example/8", "Skip"),
    ):
        await aigul.presses("Something else")
        await aigul.finds("A file or a page")
        for step in steps:
            await (aigul.writes(step[1:]) if step.startswith(">") else aigul.finds(step))
        await aigul.presses(SAW)
        aigul.sees("Kept.")
    file, page = [one.details for one in await _stated(world, await _incident(world, event.id))]
    said = {"topic": "evidence", "basis": "saw"}
    made = {"date": "2027-05-24", "precision": "day"}
    shot = {"file": "1", "evidence": "screenshot", "page": "https://video.example/7"}
    assert dict(file) == said | made | shot
    assert dict(page) == said | {"evidence": "web_address", "page": "https://video.example/8"}
