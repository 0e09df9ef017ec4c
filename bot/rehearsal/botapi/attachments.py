"""What a sent file or place looks like on the wire, whoever sends it."""

from mimetypes import guess_type

from bot.rehearsal.botapi.files import StoredFile
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue, present

MEDIA_KINDS = frozenset(
    {"photo", "document", "video", "voice", "audio", "animation", "video_note"}
)
PHOTO_SIZE = (1280, 960)  # pixels
VIDEO_SIZE = (640, 480)  # pixels
ROUND_SIZE = 384  # pixels
SECONDS = 3  # how long every recording claims to be


def medium_on_wire(kind: str, stored: StoredFile) -> JsonValue:
    """Write a stored file as the medium `kind`."""
    match kind:
        case "photo":
            return photo_on_wire(stored)
        case "video" | "animation":
            width, height = VIDEO_SIZE
            size = {"width": width, "height": height, "duration": SECONDS}
            return {**stored.on_wire, **size, **_named(stored, "video/mp4")}
        case "voice":
            return {**stored.on_wire, "duration": SECONDS, "mime_type": "audio/ogg"}
        case "audio":
            return {**stored.on_wire, "duration": SECONDS, **_named(stored, "audio/mpeg")}
        case "video_note":
            return {**stored.on_wire, "duration": SECONDS, "length": ROUND_SIZE}
        case _:
            return {**stored.on_wire, **_named(stored, "application/octet-stream")}


def photo_on_wire(*sizes: StoredFile) -> JsonValue:
    """Write a picture in its sizes, the largest last, as the service does."""
    width, height = PHOTO_SIZE
    count = len(sizes)
    return [
        {
            **stored.on_wire,
            "width": width * number // count,
            "height": height * number // count,
        }
        for number, stored in enumerate(sizes, start=1)
    ]


def _named(stored: StoredFile, otherwise: str) -> JsonObject:
    return {"file_name": stored.name, "mime_type": guess_type(stored.name)[0] or otherwise}


def location_on_wire(
    latitude: float, longitude: float, live_period: int | None = None
) -> JsonObject:
    """Write a place; `live_period` in seconds makes it one that moves."""
    return present({"latitude": latitude, "longitude": longitude, "live_period": live_period})
