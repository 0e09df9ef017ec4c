"""Reading updates: whatever JSON comes, it is understood or refused, and nothing else happens."""

import contextlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.incoming import (
    Callback,
    Group,
    Incoming,
    UnreadableError,
    is_alarm_like,
    read_update,
)
from safety.evidence import MediaKind
from safety.notices import STAYS

NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
PERSON = {"id": 5, "is_bot": False, "first_name": "A", "language_code": "kk"}
CHAT = {"id": 5, "type": "private", "first_name": "A"}


def _message(**content: object) -> dict[str, object]:
    return {"message_id": 9, "date": 1_800_000_000, "chat": CHAT, "from": PERSON, **content}


def _raw(**update: object) -> bytes:
    return json.dumps({"update_id": 1, **update}).encode()


def _read(**content: object) -> Incoming:
    found = read_update(_raw(message=_message(**content)))
    assert isinstance(found, Incoming)
    return found


def test_a_text_is_read_with_its_chat_and_language() -> None:
    """Spaces around it say nothing."""
    found = _read(text="  сәлем \n")
    assert (found.chat_id, found.language_code, found.message_id) == (5, "kk", 9)
    assert (found.text, found.command, found.argument) == ("сәлем", None, "")


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/start TOKEN", "start", "TOKEN"),
        ("/START@EveningBot  a b ", "start", "a b"),
        ("/", "", ""),
        ("/sos\nmen", "sos", "men"),
        ("start", None, ""),
        ("a /start", None, "/start"),
    ],
)
def test_a_command_is_its_name_and_what_follows(
    text: str, command: str | None, argument: str
) -> None:
    """However it was typed."""
    found = _read(text=text)
    assert found.command == command
    if command is not None:
        assert found.argument == argument


def test_an_edited_message_is_known_as_one() -> None:
    """A live location moves on by edits."""
    place = {"latitude": 43.25, "longitude": 76.9, "live_period": 900}
    found = read_update(_raw(edited_message=_message(location=place, edit_date=1_800_000_001)))
    assert isinstance(found, Incoming)
    assert found.is_edit
    assert found.place is not None
    assert (found.place.place, found.place.is_move) == ((43.25, 76.9), True)
    assert found.place.shared_until == datetime.fromtimestamp(1_800_000_900, UTC)


@pytest.mark.parametrize("period", [2**31 - 1, 2**61])
def test_a_place_that_is_shared_for_ever_is_read(period: int) -> None:
    """The service's own number for that, and any that is larger."""
    found = _read(location={"latitude": 43.25, "longitude": 76.9, "live_period": period})
    assert found.place is not None
    assert found.place.leaves_at(NOW) == NOW + STAYS


def test_what_a_place_is_called_is_read_beside_it() -> None:
    """The service sends the point of a venue twice."""
    point = {"latitude": 43.25, "longitude": 76.9}
    venue = {"location": point, "title": "Station 3", "address": "Abay street"}
    found = _read(venue=venue, location=point)
    assert found.place is not None
    assert found.place.words == "Station 3, Abay street"


def test_a_press_is_read_also_without_its_message() -> None:
    """The message may be too old to come along."""
    query = {"id": "77", "from": PERSON, "chat_instance": "1", "data": "mn|help"}
    found = read_update(_raw(callback_query=query))
    assert isinstance(found, Incoming)
    assert found.callback == Callback("77", "mn|help", None)
    found = read_update(_raw(callback_query={**query, "message": _message(text="x")}))
    assert isinstance(found, Incoming)
    assert found.callback == Callback("77", "mn|help", 9)


def test_a_press_in_a_group_is_nobodys() -> None:
    """The bot speaks in private chats alone."""
    group = {"id": -5, "type": "group", "title": "x"}
    query = {"id": "77", "from": PERSON, "chat_instance": "1", "data": "mn|help"}
    message = {**_message(text="x"), "chat": group}
    assert read_update(_raw(callback_query={**query, "message": message})) is None


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_a_group_is_known_to_be_left(kind: str) -> None:
    """Whatever is said in it is not read."""
    message = {**_message(text="sos"), "chat": {"id": -5, "type": kind, "title": "x"}}
    found = read_update(_raw(message=message))
    assert isinstance(found, Group)
    assert found.chat_id == -5


def test_the_largest_photo_is_taken() -> None:
    """The others are thumbnails."""
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": 1, "height": 1, "file_size": size}
        for name, size in (("small", 1), ("large", 9))
    ]
    media = _read(photo=sizes, caption="sos").media
    assert media is not None
    assert (media.kind, media.file_id, media.size) == (MediaKind.PHOTO, "large", 9)


def test_half_a_character_does_not_cost_the_rest_of_a_call_for_help() -> None:
    """Such a text can neither be sealed nor compared; what stands around it is kept."""
    found = _read(text="sos \ud800 help")
    assert found.text == "sos ? help"


@pytest.mark.parametrize(
    "message",
    [
        {"text": 5},
        {"text": ["sos"]},
        {"text": {"a": 1}},
        {"location": {"latitude": "north", "longitude": 1.0}},
        {"location": 7},
        {"photo": {"a": 1}},
        {"photo": ["x"]},
        {"chat": {"id": "5", "type": "private"}},
        {"chat": {"id": True, "type": "private"}},
        {"chat": {"id": 2**70, "type": "private"}},
        {"chat": None},
        {"message_id": "nine", "text": "x"},
        {"message_id": 2**70, "text": "x"},
        {"from": 5, "text": "x"},
        {"from": {**PERSON, "language_code": 5}, "text": "x"},
        {"date": 10**30, "text": "x"},
        {"date": "yesterday", "text": "x"},
    ],
    ids=str,
)
def test_what_is_not_what_it_says_is_refused(message: dict[str, object]) -> None:
    """Set aside alone, instead of failing somewhere inside."""
    with pytest.raises(UnreadableError):
        read_update(_raw(message=_message(**message)))


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"1", b"[]", b'"x"', b"\xff\xfe", b"{", b"[" * 100_000, b'{"a":' * 50_000],
    ids=lambda raw: repr(raw[:10]),
)
def test_what_is_no_update_is_refused(raw: bytes) -> None:
    """Also what is nested so deep that Python gives up."""
    with pytest.raises(UnreadableError):
        read_update(raw)


def test_an_update_of_a_kind_we_did_not_ask_for_gives_nothing() -> None:
    """A newer service may send more than it was asked."""
    assert read_update(_raw()) is None
    assert read_update(_raw(poll_answer=None)) is None


# ------------------------------------------------------------------ hostile shapes

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["private", "sos", "/taken", 2**63, -(2**70), "\ud800"])
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "text", "from", "chat", "data", "file_id", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_PARTS = st.sampled_from(
    ["message_id", "date", "chat", "from", "text", "caption", "photo", "video", "voice", "audio",
     "document", "video_note", "location", "entities", "reply_to_message", "forward_origin",
     "contact", "sticker", "animation", "venue", "poll", "edit_date", "pinned_message"]
)  # fmt: skip


def _is_quick(read: Callable[[], object]) -> object:
    begun = time.perf_counter()
    found = read()
    assert time.perf_counter() - begun < 1.0
    return found


def _reads_or_refuses(raw: bytes) -> None:
    with contextlib.suppress(ValueError, RecursionError):
        item = json.loads(raw)
        assert isinstance(_is_quick(lambda: is_alarm_like(item)), bool)
    try:
        found = _is_quick(lambda: read_update(raw))
    except UnreadableError:
        return
    assert found is None or isinstance(found, Incoming | Group)
    if isinstance(found, Incoming):
        found.text.encode()
        assert found.command is None or isinstance(found.command, str)
        assert isinstance(found.argument, str)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_PARTS, _JSON, max_size=6), st.sampled_from(["message", "edited_message"]))
def test_a_message_with_any_parts_is_read_or_refused(parts: dict[str, object], name: str) -> None:
    """A true message in which anything may have been replaced."""
    _reads_or_refuses(_raw(**{name: _message(**parts)}))


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(
            ["update_id", "message", "edited_message", "callback_query", "my_chat_member"]
        ),
        _JSON,
        max_size=3,
    )
)
def test_an_update_with_any_parts_is_read_or_refused(update: dict[str, object]) -> None:
    """Anything at all under the names that we read."""
    _reads_or_refuses(json.dumps({"update_id": 1, **update}).encode())


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["id", "from", "message", "data", "chat_instance"]), _JSON))
def test_a_press_with_any_parts_is_read_or_refused(parts: dict[str, object]) -> None:
    """A true press in which anything may have been replaced."""
    query = {"id": "77", "from": PERSON, "chat_instance": "1", "data": "mn|help", **parts}
    _reads_or_refuses(_raw(callback_query=query))


@settings(max_examples=300)
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace"))
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Not even JSON."""
    _reads_or_refuses(raw)
