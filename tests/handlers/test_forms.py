"""Forms: one question at a time, always a way out, nothing lost, an alarm in the middle of all.

The form of these tests is a declaration like any other; the engine, guard and texts are real.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from handlers import forms
from handlers.buttons import pack
from handlers.buttons.forms import FormCancel, FormChoice, FormConfirm, FormSkip
from handlers.context import Choice, Command, Form, Request, Showing, Step
from handlers.routes import TABLE
from safety.errors import RefusalError
from safety.forms import Draft, Question
from safety.notices import NOTICES
from safety.people import Role
from safety.permissions import Action
from storage import forms as form_rows
from storage.database import Database
from tests.harness import Someone, World

DONE: list[Draft] = []


def _colours(_showing: Showing, _draft: Draft) -> tuple[Choice, ...]:
    return (Choice("red", "Red"), Choice("blue", "Blue"), Choice("green", "Green"))


def _read_colour(_request: Request, _draft: Draft, typed: str) -> str:
    if typed.lower() not in {"red", "blue", "green"}:
        raise RefusalError("form-press-confirm")
    return typed.lower()


def _is_red(_request: Request | Showing, draft: Draft) -> bool:
    return draft.answer("colour") == "red"


def _summary(showing: Showing, draft: Draft) -> str:
    return showing.say("saved") + " " + " ".join(value for _, value in draft.answers)


FORM = Form(
    "trial",
    Action.CHECK_IN,
    (
        Step("name", "form-press-confirm"),
        Step("colour", "not-understood", read=_read_colour, choices=_colours, choices_in_row=2),
        Step("why-red", "yes", applies=_is_red),
        Step("note", "no", is_optional=True),
        Step("where", "unknown", takes_location=True, is_optional=True),
    ),
    finish=lambda _request, draft: DONE.append(draft),
    summary=_summary,
)
SHORT = Form(
    "short",
    Action.CHECK_IN,
    (Step("one", "yes", limit=5),),
    lambda _request, draft: DONE.append(draft),
)


def _digits(_showing: Showing, _draft: Draft) -> tuple[Choice, ...]:
    return tuple(Choice(digit, digit) for digit in "0123456789")


LONG = Form(
    "many",
    Action.CHECK_IN,
    (Step("one", "yes", choices=_digits, choices_in_row=2),),
    lambda _request, draft: DONE.append(draft),
)


def _begin(request: Request) -> None:
    forms.start(request, request.incoming.argument or "trial")


def _begin_prefilled(request: Request) -> None:
    forms.start(request, "trial", answers=(("name", "Dana"), ("note", "given before")))


_COMMANDS = (
    Command("trial", Action.CHECK_IN, _begin, help="help-cancel"),
    Command("prefilled", Action.CHECK_IN, _begin_prefilled, help="help-cancel"),
)
TRIAL = replace(TABLE, menu=(*TABLE.menu, *_COMMANDS), forms=(*TABLE.forms, FORM, SHORT, LONG))


@pytest_asyncio.fixture
async def trial(tmp_path: Path) -> AsyncIterator[World]:
    """Give a world whose table has the form of these tests."""
    DONE.clear()
    async with World(tmp_path, TRIAL) as world:
        yield world


async def _draft(world: World, someone: Someone) -> Draft | None:
    return await world.look(lambda tx: form_rows.get(tx, someone.chat_id))


async def test_questions_come_one_at_a_time_and_end_in_what_was_answered(trial: World) -> None:
    """Typed and pressed answers, a skipped one, and *Confirm* at the end."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    aigul.sees("Please press one of the buttons below")
    aigul.sees_nothing_of("I did not understand")
    await aigul.writes("Dana")
    aigul.sees("I did not understand")
    await aigul.presses("Blue")
    await aigul.presses("Skip")
    await aigul.sends_location(43.25, 76.9)
    aigul.sees("Saved. Dana blue 43.250000,76.900000")
    assert DONE == []
    await aigul.presses("Confirm")
    assert [draft.answers for draft in DONE] == [
        (("name", "Dana"), ("colour", "blue"), ("where", "43.250000,76.900000"))
    ]
    assert await _draft(trial, aigul) is None


async def test_a_question_that_depends_on_an_answer_is_asked_only_then(trial: World) -> None:
    """Red has to be explained."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    await aigul.writes("Dana")
    await aigul.writes(" RED ")
    assert (await _draft(trial, aigul) or Draft(0, "", "")).step == "why-red"


async def test_what_was_given_beforehand_is_not_asked_wherever_it_stands(trial: World) -> None:
    """Neither the first question nor a later one."""
    aigul = await trial.has_organizer()
    await aigul.writes("/prefilled")
    await aigul.presses("Blue")
    draft = await _draft(trial, aigul)
    assert draft is not None
    assert draft.step == "where"
    assert draft.answer("note") == "given before"


async def test_every_question_can_be_cancelled_and_only_some_can_be_skipped(trial: World) -> None:
    """*Cancel* is never missing, and *Skip* stands only where no answer is one."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    skippable = []
    for answer in ("Dana", "red", "because", "note", "Skip"):
        assert aigul.can_press("Cancel")
        skippable.append("Skip" in aigul.screens[-1].labels)
        if answer == "Skip":
            await aigul.presses(answer)
        else:
            await aigul.writes(answer)
    assert skippable == [False, False, False, True, True]
    assert aigul.can_press("Cancel")
    assert aigul.can_press("Confirm")


async def test_many_answers_are_offered_a_page_at_a_time(trial: World) -> None:
    """The way out stands on each; a page of a question that was answered is out of date."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial many")
    assert aigul.screens[-1].labels == [*"012345", "More ›", "Cancel"]
    further = aigul.payload_of("More ›")
    await aigul.forges(further, aigul.screens[-1].message_id)
    assert aigul.screens[-1].labels == [*"6789", "‹ Before", "Cancel"]
    assert len(aigul.screens) == 1
    await aigul.presses("9")
    assert DONE[-1].answers == (("one", "9"),)
    await aigul.forges(further)
    aigul.is_told("out of date")


@pytest.mark.parametrize("answers", [(), ("Dana",), ("Dana", "blue", "note")])
@pytest.mark.parametrize("by_command", [True, False])
async def test_a_form_that_is_given_up_leaves_neither_draft_nor_messages(
    trial: World,
    by_command: bool,  # noqa: FBT001 - a table of cases
    answers: tuple[str, ...],
) -> None:
    """By button or by /cancel, at every question."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    for answer in answers:
        await aigul.writes(answer)
    if by_command:
        await aigul.writes("/cancel")
    else:
        await aigul.presses("Cancel")
    aigul.sees("Cancelled")
    assert await _draft(trial, aigul) is None
    assert DONE == []
    assert not any("Dana" in seen.text for seen in aigul.chat)
    await aigul.writes("/cancel")
    aigul.sees("There is nothing to cancel")


@pytest.mark.parametrize(
    ("form", "answer", "explained"),
    [
        ("trial Dana", "purple", "Please press one of the buttons below"),
        ("short", "far too long", "That is too long"),
    ],
)
async def test_a_wrong_answer_is_explained_and_asked_again(
    trial: World, form: str, answer: str, explained: str
) -> None:
    """The draft stays, and a right answer goes on."""
    name, _, first = form.partition(" ")
    aigul = await trial.has_organizer()
    await aigul.writes(f"/trial {name}")
    if first:
        await aigul.writes(first)
    before = await _draft(trial, aigul)
    await aigul.writes(answer)
    aigul.sees(explained)
    assert await _draft(trial, aigul) == before


async def test_a_sticker_is_no_answer(trial: World) -> None:
    """Something without words, where words are asked for."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    await aigul.writes("   ")
    aigul.sees("Please write at least one word")


async def test_words_at_the_summary_ask_for_a_press(trial: World) -> None:
    """Nothing is finished by accident."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    for answer in ("Dana", "blue", "note"):
        await aigul.writes(answer)
    await aigul.presses("Skip")
    await aigul.writes("yes, all right")
    aigul.sees("Please press one of the buttons below")
    assert DONE == []


# ------------------------------------------------------------------ old and forged buttons


async def test_an_old_button_is_answered_as_such_and_changes_nothing(trial: World) -> None:
    """A window stays clickable for ever: buttons of earlier questions, and of earlier forms."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    await aigul.writes("Dana")
    blue, cancel = aigul.payload_of("Blue"), aigul.payload_of("Cancel")
    await aigul.forges(blue)
    after = await _draft(trial, aigul)
    await aigul.forges(blue)
    aigul.is_told("out of date")
    assert await _draft(trial, aigul) == after
    await aigul.writes("/trial")
    again = await _draft(trial, aigul)
    for payload in (blue, cancel):
        await aigul.forges(payload)
        aigul.is_told("out of date")
    assert await _draft(trial, aigul) == again


async def test_forged_presses_of_the_open_form_do_nothing_that_is_not_offered(
    trial: World,
) -> None:
    """No skipping what must be answered, no confirming in the middle, no step out of turn."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    draft = await _draft(trial, aigul)
    assert draft is not None
    for press in (
        FormSkip(draft.id, 0),
        FormConfirm(draft.id),
        FormChoice(draft.id, 1, "blue"),
        FormChoice(draft.id, 99, "blue"),
        FormChoice(draft.id + 1, 0, "x"),
        FormCancel(draft.id + 1),
    ):
        await aigul.forges(pack(press))
        aigul.is_told("out of date")
    assert await _draft(trial, aigul) == draft
    await aigul.writes("Dana")
    await aigul.forges(pack(FormChoice(draft.id, 1, "purple")))
    aigul.sees("Please press one of the buttons below")


async def test_nobody_presses_in_somebody_elses_form(trial: World) -> None:
    """A draft belongs to its chat, whoever knows its number."""
    team = await trial.has_team()
    await team.organizer.writes("/trial")
    draft = await _draft(trial, team.organizer)
    assert draft is not None
    for press in (FormChoice(draft.id, 0, "x"), FormCancel(draft.id), FormConfirm(draft.id)):
        await team.second.forges(pack(press))
        team.second.is_told("out of date")
    assert await _draft(trial, team.organizer) == draft


async def test_a_form_whose_action_one_may_not_do_never_begins(trial: World) -> None:
    """The engine asks the table of permissions too."""
    deputy = await trial.has_team_person("Nora", Role.DEPUTY)
    await deputy.writes("/trial")
    assert await _draft(trial, deputy) is None


# ------------------------------------------------------------------ in the middle


async def test_a_restart_in_the_middle_of_a_question_loses_no_answer(
    trial: World, tmp_path: Path
) -> None:
    """The draft is a row: the same question waits, and its buttons still work."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    await aigul.writes("Dana")
    await trial.database.__aexit__(None, None, None)
    slots = trial._slots  # noqa: SLF001 - the same keys, as after an unlock
    trial.database = Database(tmp_path / "aman.db", slots)
    await trial.database.__aenter__()
    await aigul.presses("Green")
    await aigul.presses("Skip")
    await aigul.presses("Skip")
    await aigul.presses("Confirm")
    assert [draft.answers for draft in DONE] == [(("name", "Dana"), ("colour", "green"))]


@pytest.mark.parametrize("words", ["sos", "🆘 SOS", "/sos", "/panic men are here", "помогите"])
async def test_a_call_for_help_in_the_middle_of_a_form_rings_and_keeps_the_draft(
    trial: World, words: str
) -> None:
    """Nobody has to answer a question first, and nobody has to begin again."""
    team = await trial.has_team()
    await team.steward.writes("/trial")
    await team.steward.writes("Dana")
    before = await _draft(trial, team.steward)
    await team.steward.writes(words)
    assert any("larm" in seen.text for seen in team.organizer.screens)
    assert await _draft(trial, team.steward) == before
    await team.steward.writes("blue")
    after = await _draft(trial, team.steward)
    assert after is not None
    assert after.answer("colour") == "blue"


async def test_a_new_form_takes_the_place_of_the_open_one(trial: World) -> None:
    """Its questions leave the chat with it."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial")
    await aigul.writes("Dana")
    await aigul.writes("/trial short")
    aigul.sees_nothing_of("I did not understand")
    await aigul.writes("yes")
    assert [draft.form for draft in DONE] == ["short"]


@pytest.mark.parametrize("kept", ["nothing", "another step"])
async def test_a_draft_of_a_form_that_is_gone_makes_nobody_deaf(trial: World, kept: str) -> None:
    """After an update of the program the chat goes on as if no question were open."""
    team = await trial.has_team()
    old = Draft(5, "gone" if kept == "nothing" else "trial", "no-such-step")
    chat_id = team.steward.chat_id
    await trial.change(lambda work: form_rows.put(work.tx, chat_id, old))
    await team.steward.writes("hello")
    await team.steward.writes("/cancel")
    team.steward.sees("There is nothing to cancel")
    await team.steward.forges(pack(FormCancel(5)))
    team.steward.is_told("out of date")
    await team.steward.writes("sos")
    assert any("larm" in seen.text for seen in team.organizer.screens)
    await team.steward.writes("/trial")
    await team.steward.writes("Dana")
    team.steward.sees("I did not understand")


async def test_an_answer_is_deleted_with_its_form(trial: World) -> None:
    """What a person typed does not stay on the phone once it is stored."""
    aigul = await trial.has_organizer()
    await aigul.writes("/trial short")
    await aigul.writes("sēcr")
    assert [draft.answers for draft in DONE] == [(("one", "sēcr"),)]
    assert not any("sēcr" in seen.text for seen in aigul.chat)


def test_a_question_is_a_registered_notice() -> None:
    """It must be read again after a restart."""
    assert NOTICES["Question"] is Question
