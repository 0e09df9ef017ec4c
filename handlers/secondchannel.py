"""Another way to be woken: one's own screen in the chat, and the words that go out over it.

What goes out holds no content and no markup; its first line is a mail's subject.
"""

from collections.abc import Sequence

from coordination import checkpoints, secondaddresses, secondchannel, team
from coordination.whois import holder_of
from handlers import forms
from handlers.buttons.secondchannel import (
    SecondDrop,
    SecondGive,
    SecondOpen,
    SecondShow,
    SecondTry,
)
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.links import picture_of
from handlers.screens import Press, Rows, Screen
from handlers.team import name_of, role_key
from safety.checkpoints import KeepCheckpoint
from safety.errors import RefusalError
from safety.forms import Draft
from safety.permissions import Action
from safety.secondaddresses import (
    READERS,
    AddressKind,
    Answer,
    SecondAddress,
    SecondRefused,
    SecondScreen,
    SecondTopic,
    SecondUpdate,
)
from safety.secondchannel import LineDown, LineShared, SecondAlarm, SecondDetention, SecondTest

FORM_NAME = "second-address"


def press_open(request: Request, _press: SecondOpen) -> None:
    """Show one's own other way."""
    request.turn.tell(SecondScreen())


def press_give(request: Request, _press: SecondGive) -> None:
    """Ask for an address; where there is one kind alone, nobody is asked which."""
    kinds = request.turn.policy.second_kinds
    answers = (("by", kinds[0].value),) if len(kinds) == 1 else ()
    forms.start(request, FORM_NAME, answers=answers)


def press_show(request: Request, _press: SecondShow) -> None:
    """Show the topic."""
    secondaddresses.show_topic(request.turn)
    request.turn.tell(SecondUpdate())


def press_try(request: Request, _press: SecondTry) -> None:
    """Send a test; the screen says what came of it."""
    secondaddresses.test(request.turn)
    request.turn.tell(SecondUpdate())


def press_drop(request: Request, _press: SecondDrop) -> str | None:
    """Forget the address."""
    secondaddresses.take_back(request.turn)
    request.turn.tell(SecondUpdate())
    return "answer-done"


# ---------------------------------------------------------------- form


def _kind_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    kinds = showing.work.policy.second_kinds
    return [Choice(kind.value, showing.plain(f"second-kind-{kind.value}")) for kind in kinds]


def _read_kind(request: Request, _draft: Draft, typed: str) -> str:
    if typed not in {kind.value for kind in request.turn.policy.second_kinds}:
        raise RefusalError("second-press-kind")
    return typed


def _step(kind: AddressKind) -> Step:
    return Step(
        kind.value,
        f"second-ask-{kind.value}",
        lambda _request, _draft, typed: READERS[kind](typed),
        applies=lambda _asking, draft: draft.answer("by") == kind.value,
    )


def _finish(request: Request, draft: Draft) -> None:
    kind = AddressKind(draft.answer("by") or "")
    secondaddresses.give(request.turn, kind, draft.answer(kind.value) or "")
    request.turn.tell(SecondScreen())


FORM = Form(
    name=FORM_NAME,
    action=Action.BE_WOKEN,
    steps=(Step("by", "second-ask-kind", _read_kind, _kind_choices), *map(_step, READERS)),
    finish=_finish,
)


# ---------------------------------------------------------------- screens in the chat


def offer(showing: Showing) -> Sequence[Press]:
    """Give whoever is rung a way to be woken beside the chat, where there is one."""
    is_rung = showing.may(Action.BE_WOKEN)
    return (_open_button(showing),) if showing.work.policy.second_kinds and is_rung else ()


def _open_button(showing: Showing) -> Press:
    return showing.button("second-button", SecondOpen())


def render_screen(showing: Showing, _notice: SecondScreen | SecondUpdate) -> Screen | None:
    """Say whether there is a way, how it stands, and what can be done; never the address."""
    team_id = holder_of(showing.work, showing.chat_id)
    if team_id is None or not showing.work.policy.second_kinds:
        return None
    title, about = showing.say("second-title"), showing.say("second-about")
    address = secondaddresses.usable(showing.work, team_id)
    if address is None:
        give = (showing.button("second-button-give", SecondGive()),)
        return Screen("\n".join((title, "", showing.say("second-none"), about)), (give,))
    lines = [showing.say(f"second-have-{address.kind.value}", day=showing.day(address.added_at))]
    if address.refused_at is not None:
        lines.append(showing.say("second-takes-nothing", time=showing.time(address.refused_at)))
    if address.answer is not None:
        lines.append(_test_line(showing, address, address.answer))
    return Screen("\n".join((title, "", *lines, about)), _rows(showing, address))


def _test_line(showing: Showing, address: SecondAddress, answer: Answer) -> str:
    moment = address.answered_at or address.tested_at or address.added_at
    return showing.say(f"second-test-{answer.value}", time=showing.time(moment))


def _rows(showing: Showing, address: SecondAddress) -> Rows:
    rows = [
        (showing.button("second-button-try", SecondTry()),),
        (showing.button("second-button-change", SecondGive()),),
        (showing.button("second-button-drop", SecondDrop()),),
    ]
    if address.kind is AddressKind.NTFY and not address.was_shown:
        rows.insert(0, (showing.button("second-button-show", SecondShow()),))
    return tuple(rows)


def render_topic(showing: Showing, notice: SecondTopic) -> Screen | None:
    """Show where to subscribe, in words and as a picture; not once there is another topic."""
    team_id = holder_of(showing.work, showing.chat_id)
    address = None if team_id is None else secondaddresses.usable(showing.work, team_id)
    if address is None or address.text != notice.topic:
        return None
    link = f"{showing.work.policy.ntfy_url}/{notice.topic}"
    return Screen(showing.say("second-topic", link=link), picture=picture_of(link))


def render_refused(showing: Showing, notice: SecondRefused) -> Screen | None:
    """Say that an address takes nothing: whose, to organizers; to its owner, with a way out."""
    person = team.look(showing.work, notice.team_id)
    if person is None:
        return None
    if holder_of(showing.work, showing.chat_id) == notice.team_id:
        return Screen(showing.say("second-refused"), ((_open_button(showing),),))
    name, role = name_of(showing, person), showing.plain(role_key(person.role))
    return Screen(showing.say("second-refused-of", name=name, role=role))


# ---------------------------------------------------------------- words over the second channel


def render_alarm(showing: Showing, notice: SecondAlarm) -> Screen | None:
    """Say the number of an alarm, while it waits for somebody."""
    number = secondchannel.number_of(showing.work, notice.alarm_id)
    if number is None:
        return None
    return _letter(showing, showing.plain("second-letter-alarm", number=number))


def render_detention(showing: Showing, notice: SecondDetention) -> Screen | None:
    """Say the number of a detention, while nobody is on it."""
    number = secondchannel.detention_number_of(showing.work, notice.detention_id)
    if number is None:
        return None
    return _letter(showing, showing.plain("second-letter-detention", number=number))


def render_line(showing: Showing, notice: LineDown) -> Screen | None:
    """Say since when the line is silent, while it is."""
    if secondchannel.line_silent_since(showing.work) is None:
        return None
    return _letter(showing, showing.plain("second-letter-line", time=showing.time(notice.since)))


def render_sharing(showing: Showing, notice: LineShared) -> Screen | None:
    """Say since when somebody else has the line, too, and what not to do; also when it is over."""
    return _letter(showing, showing.plain("second-letter-shared", time=showing.time(notice.since)))


def render_test(showing: Showing, _notice: SecondTest) -> Screen | None:
    """Say that this is a test."""
    return _letter(showing, showing.plain("second-letter-test"))


def render_checkpoint(showing: Showing, _notice: KeepCheckpoint) -> Screen | None:
    """Give the newest head of the log, as it is when this is sent, with what to do with it."""
    note = checkpoints.newest(showing.work)
    if note is None:
        return None
    return _letter(showing, f"{showing.plain('second-letter-checkpoint')}\n\n{note}")


def _letter(showing: Showing, words: str) -> Screen:
    """Add, where an earlier attempt may have arrived, that this is the same one."""
    again = f"\n{showing.plain('second-letter-again')}" if showing.is_repeat else ""
    return Screen(words + again)
