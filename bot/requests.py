"""What one notice becomes on the wire: exactly one request, chosen from what stands in the chat.

A card is edited where it stands, unless it is to ring anew and has not just done so. A text that
must not be forwarded is never put into a message that can be. What cannot be an edit is sent as a
new message.
"""

from dataclasses import dataclass, replace

from bot.fitting import ANSWER_LIMIT, CAPTION_LIMIT, TEXT_LIMIT, bare, fit, fit_plain
from handlers.screens import Press, Screen
from safety.notices import CallbackAnswer, LeaveGroup, Notice, Removal
from safety.people import ChatId, Unprinted

BUTTONS = 100  # in one message
DATA_BYTES = 64  # of one button's payload


@dataclass(frozen=True, slots=True, repr=False)
class NewMessage(Unprinted):
    """Send a screen; `replaces` are the messages that go once it stands."""

    chat_id: ChatId
    screen: Screen
    rings: bool
    is_protected: bool
    replaces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Edit(Unprinted):
    """Put a screen into a message that stands."""

    chat_id: ChatId
    message_id: int
    screen: Screen


@dataclass(frozen=True, slots=True, repr=False)
class Deletion(Unprinted):
    """Take messages out of a chat."""

    chat_id: ChatId
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Unprinted):
    """End a button's waiting, with a short text on top of the chat or with nothing."""

    callback_id: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Departure(Unprinted):
    """Leave a group."""

    chat_id: ChatId


Request = NewMessage | Edit | Deletion | Answer | Departure


@dataclass(frozen=True, slots=True, repr=False)
class Standing(Unprinted):
    """What stands in the chat that this notice could change."""

    card: int | None = None
    has_just_rung: bool = False
    edits: int | None = None
    is_edits_protected: bool = False


def choose(
    chat_id: ChatId, notice: Notice, screen: Screen | None, standing: Standing
) -> Request | None:
    """Choose the request for a notice; None where there is nothing to say any more."""
    match notice:
        case Removal():
            return Deletion(chat_id, notice.message_ids)
        case LeaveGroup():
            return Departure(chat_id)
        case CallbackAnswer():
            text = "" if screen is None else screen.text
            return Answer(notice.callback_id, fit_plain(text, ANSWER_LIMIT))
        case _:
            return None if screen is None else _show(chat_id, notice, screen, standing)


def fitted(screen: Screen) -> Screen:
    """Cut what the service would not take: too long a text, too many or too long buttons."""
    limit = TEXT_LIMIT if screen.picture is None else CAPTION_LIMIT
    return replace(screen, text=fit(screen.text, limit), rows=_taken(screen.rows))


def without_markup(request: NewMessage | Edit) -> NewMessage | Edit:
    """Give the same request with bare words: what the service has refused must still arrive."""
    return replace(request, screen=replace(request.screen, text=bare(request.screen.text)))


def _show(chat_id: ChatId, notice: Notice, screen: Screen, standing: Standing) -> Request | None:
    if not screen.text and screen.pin is None and screen.picture is None:
        return None
    if standing.card is not None:
        if _is_plain_text(screen) and (standing.has_just_rung or not notice.replaces):
            return Edit(chat_id, standing.card, fitted(screen))
        return _new(chat_id, notice, screen, (standing.card,))
    if standing.edits is None or not _is_plain_text(screen):
        return _new(chat_id, notice, screen)
    if notice.is_protected and not standing.is_edits_protected:
        return _new(chat_id, notice, screen, (standing.edits,))
    return Edit(chat_id, standing.edits, fitted(screen))


def _new(
    chat_id: ChatId, notice: Notice, screen: Screen, replaces: tuple[int, ...] = ()
) -> NewMessage:
    text = "\n".join(part for part in (screen.text, screen.again) if part)
    said = fitted(replace(screen, text=text, again=""))
    return NewMessage(chat_id, said, notice.rings, notice.is_protected, replaces)


def _is_plain_text(screen: Screen) -> bool:
    has_keys = screen.key is not None or screen.removes_key
    return not has_keys and screen.pin is None and screen.picture is None


def _taken(rows: tuple[tuple[Press, ...], ...]) -> tuple[tuple[Press, ...], ...]:
    kept: list[tuple[Press, ...]] = []
    left = BUTTONS
    for row in rows:
        good = tuple(press for press in row if 0 < len(press.payload.encode()) <= DATA_BYTES)
        kept.append(good[:left])
        left -= len(kept[-1])
    return tuple(row for row in kept if row)
