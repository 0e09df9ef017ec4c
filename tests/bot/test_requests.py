"""One notice becomes exactly one request, and which one follows from what stands in the chat."""

import pytest

from bot.requests import (
    Answer,
    Deletion,
    Departure,
    Edit,
    NewMessage,
    Request,
    Standing,
    choose,
)
from handlers.screens import Pin, Press, Screen
from safety.notices import CallbackAnswer, LeaveGroup, Notice, Removal
from safety.people import ChatId
from tests.bot.notices import Board, Plain, Ringing, Secret

CHAT = ChatId(17)
TEXT = Screen("hello")
PICTURE = Screen("hello", picture=b"png")
KEY = Screen("hello", key="SOS")
PIN = Screen("", pin=Pin(43.2, 76.9))
NOTHING = Standing()


@pytest.mark.parametrize(
    ("notice", "screen", "standing", "shape"),
    [
        (Plain("x"), TEXT, NOTHING, ("new", ())),
        (Plain("x"), TEXT, Standing(edits=5), ("edit", 5)),
        (Plain("x"), PICTURE, Standing(edits=5), ("new", ())),
        (Plain("x"), KEY, Standing(edits=5), ("new", ())),
        (Plain("x"), PIN, NOTHING, ("new", ())),
        (Board("x"), TEXT, Standing(card=7), ("edit", 7)),
        (Board("x"), TEXT, Standing(card=7, edits=5), ("edit", 7)),
        (Board("x"), PICTURE, Standing(card=7), ("new", (7,))),
        (Ringing("x"), TEXT, Standing(card=7), ("new", (7,))),
        (Secret("x"), TEXT, Standing(edits=5), ("new", (5,))),
        (Secret("x"), TEXT, Standing(edits=5, is_edits_protected=True), ("edit", 5)),
        (Plain("x"), None, Standing(edits=5), None),
        (Plain("x"), Screen(""), NOTHING, None),
    ],
)
def test_what_stands_decides_between_an_edit_and_a_new_message(
    notice: Notice,
    screen: Screen | None,
    standing: Standing,
    shape: tuple[str, object] | None,
) -> None:
    """A text that must not be forwarded never gets into a message that can be."""
    assert _shape(choose(CHAT, notice, screen, standing)) == shape


def test_a_new_message_says_that_it_is_sent_again_and_a_change_does_not() -> None:
    """What is put into a message that stands cannot be there twice."""
    screen = Screen("hello", again="Sent again (2).")
    new, edit = (choose(CHAT, Board("x"), screen, one) for one in (NOTHING, Standing(card=7)))
    assert isinstance(new, NewMessage)
    assert isinstance(edit, Edit)
    assert new.screen.text == "hello\nSent again (2)."
    assert edit.screen.text == "hello"


def test_a_new_message_rings_and_is_protected_as_its_notice_says() -> None:
    """Boards are silent, places cannot be forwarded."""
    board = choose(CHAT, Board("x"), TEXT, NOTHING)
    secret = choose(CHAT, Secret("x"), TEXT, NOTHING)
    assert isinstance(board, NewMessage)
    assert isinstance(secret, NewMessage)
    assert (board.rings, board.is_protected) == (False, False)
    assert (secret.rings, secret.is_protected) == (True, True)


def test_what_is_no_screen_has_its_own_request() -> None:
    """Removals, answers and leaving need no words."""
    assert choose(CHAT, Removal((1, 2)), None, NOTHING) == Deletion(CHAT, (1, 2))
    assert choose(CHAT, LeaveGroup(), None, NOTHING) == Departure(CHAT)
    assert choose(CHAT, CallbackAnswer("id"), Screen(""), NOTHING) == Answer("id", "")
    long = choose(CHAT, CallbackAnswer("id"), Screen("x" * 300), NOTHING)
    assert isinstance(long, Answer)
    assert len(long.text) == 200


def test_buttons_that_the_service_would_refuse_are_left_out() -> None:
    """PTB checks neither their number nor their payload's bytes."""
    good = tuple(Press(f"{number}", "x") for number in range(60))
    bad = (Press("long", "ы" * 33), Press("empty", ""))
    request = choose(CHAT, Plain("x"), Screen("hello", (good, bad, good)), NOTHING)
    assert isinstance(request, NewMessage)
    assert [len(row) for row in request.screen.rows] == [60, 40]


def _shape(request: Request | None) -> tuple[str, object] | None:
    match request:
        case NewMessage():
            return "new", request.replaces
        case Edit():
            return "edit", request.message_id
        case _:
            return None
