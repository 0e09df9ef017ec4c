"""Files that people and the bot have sent: kept bit by bit, found by id, fetched by path."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.rehearsal.botapi.errors import ApiError, bad_request
from bot.rehearsal.botapi.shapes import JsonObject

DOWNLOAD_LIMIT = 20 * 1024 * 1024  # bytes
UPLOAD_LIMIT = 50 * 1024 * 1024  # bytes
PHOTO_LIMIT = 10 * 1024 * 1024  # bytes
FOLDERS = {"photo": "photos", "video": "videos", "voice": "voice", "audio": "music"}
ENDINGS = {"photo": ".jpg", "video": ".mp4", "voice": ".oga", "video_note": ".mp4"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file, as the service keeps it; `path` is where it is fetched from."""

    file_id: str
    unique_id: str
    path: str
    name: str = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def on_wire(self) -> JsonObject:
        """Write what every object with a file on the wire begins with."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


class Files:
    """All files of this server."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, name: str, content: bytes) -> StoredFile:
        """Store a file of a `kind` (photo, voice, document …) under a new id."""
        number = len(self._by_id) + 1
        ending = ENDINGS.get(kind) or PurePosixPath(name).suffix
        stored = StoredFile(
            file_id=f"FILE{number:06d}-{kind}-kept-on-this-server-only",
            unique_id=f"UNIQUE{number:06d}",
            path=f"{FOLDERS.get(kind, 'documents')}/file_{number}{ending}",
            name=name,
            content=content,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def upload(self, kind: str, name: str, content: bytes) -> StoredFile:
        """Store a file that the bot sends.

        Raises: ApiError 413 above the service's limit, 400 for an empty file.
        """
        if len(content) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
            raise ApiError(413, "Request Entity Too Large")
        if not content:
            raise bad_request("file must be non-empty")
        return self.keep(kind, name, content)

    def find(self, file_id: str) -> StoredFile:
        """Find a file that was sent before.

        Raises: ApiError 400 for an id that was never given out.
        """
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return stored

    def describe(self, file_id: str) -> JsonObject:
        """Tell the bot where to fetch a file.

        Raises: ApiError 400 when it is unknown, or above the limit for downloads.
        """
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return {**stored.on_wire, "file_path": stored.path}

    def fetch(self, path: str) -> bytes | None:
        """Give the bytes at a path, or None."""
        stored = self._by_path.get(path)
        return stored.content if stored else None
