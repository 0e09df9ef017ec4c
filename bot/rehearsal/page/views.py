"""What the page shows: every phone as it is now, as plain values for JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.screens import SeenMessage


@dataclass(frozen=True, slots=True, repr=False)
class MessageView:
    """One message: who wrote it, when, and what can be pressed. `button` labels row by row."""

    id: int
    from_bot: bool
    kind: str
    html: str
    buttons: tuple[tuple[str, ...], ...]
    is_protected: bool
    at: str
    edited: bool
    place: tuple[float, float] | None
    has_picture: bool


@dataclass(frozen=True, slots=True, repr=False)
class PhoneView:
    """One person's phone."""

    id: int
    name: str
    language: str
    keyboard: tuple[str, ...]
    alert: str
    messages: tuple[MessageView, ...]


def phone_view(phone: Phone, zone: ZoneInfo) -> PhoneView:
    """Give a phone as the page shows it; times in `zone`."""
    return PhoneView(
        id=phone.user_id,
        name=phone.name,
        language=phone.language_code,
        keyboard=phone.keyboard,
        alert=phone.alerts[-1] if phone.alerts else "",
        messages=tuple(_message(message, zone) for message in phone.messages),
    )


def as_json(now: datetime, zone: ZoneInfo, phones: Iterable[Phone]) -> dict[str, object]:
    """Give the whole page's state."""
    return {
        "now": now.astimezone(zone).strftime("%A %d %B, %H:%M:%S"),
        "phones": [asdict(phone_view(phone, zone)) for phone in phones],
    }


def _message(message: SeenMessage, zone: ZoneInfo) -> MessageView:
    return MessageView(
        id=message.message_id,
        from_bot=message.from_bot,
        kind=message.kind,
        html=message.html or message.text,
        buttons=tuple(tuple(button.label for button in row) for row in message.buttons),
        is_protected=message.is_protected,
        at=message.sent_at.astimezone(zone).strftime("%H:%M"),
        edited=message.edited_at is not None,
        place=message.location,
        has_picture=message.kind == "photo",
    )
