"""HTTP: paths, tokens, forms in, JSON out, and connections that break off."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from bot.clock import SystemClock
from bot.rehearsal.botapi.errors import ApiError, ConnectionCutError, OddAnswerError
from bot.rehearsal.botapi.parameters import Upload
from bot.rehearsal.botapi.service import Service
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

TOKEN_SHAPE = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
UNAUTHORIZED = 401
NOT_FOUND = 404
TRICKLE_EVERY = 0.05  # real seconds between two bytes of an endless answer
FIELD_LIMIT = 8 * 1024 * 1024  # bytes in one part of a form that is not a file


class CutResponse(Response):
    """No response: the connection ends, as if a cable were pulled."""

    def __init__(self, cut: Callable[[str, int], None]) -> None:
        super().__init__()
        self._cut = cut

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection and wait until that is noticed."""
        del send
        host, port = scope["client"]
        self._cut(host, port)
        while (await receive())["type"] != "http.disconnect":
            continue


class Wire:
    """Speaks HTTP for a service, to whoever knows the bot's token."""

    def __init__(self, service: Service, cut: Callable[[str, int], None]) -> None:
        self._service = service
        self._cut = cut
        self.application = Starlette(
            routes=[
                Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            ]
        )

    async def _call(self, request: HttpRequest) -> Response:
        response = await self._answer(request)
        now = self._service.messenger.clock.now()
        response.headers["date"] = format_datetime(now.astimezone(UTC), usegmt=True)
        return response

    async def _answer(self, request: HttpRequest) -> Response:
        try:
            self._check_token(request.path_params["token"])
            given, uploads = await read_call(request)
            result = await self._service.answer(request.path_params["method"], given, uploads)
        except ApiError as error:
            return refusal(error)
        except (ConnectionCutError, ClientDisconnect):  # of a body that broke off nothing counts
            return CutResponse(self._cut)
        except OddAnswerError as odd:
            return odd_answer(odd)
        return as_json({"ok": True, "result": result}, 200)

    async def _file(self, request: HttpRequest) -> Response:
        try:
            self._check_token(request.path_params["token"])
        except ApiError as error:
            return refusal(error)
        content = self._service.messenger.files.fetch(request.path_params["path"])
        if content is None:
            return PlainTextResponse("Not Found", NOT_FOUND)
        return Response(content, media_type="application/octet-stream")

    def _check_token(self, token: str) -> None:
        if token == self._service.messenger.profile.token:
            return
        if TOKEN_SHAPE.fullmatch(token):
            raise ApiError(UNAUTHORIZED, "Unauthorized")
        raise ApiError(NOT_FOUND, "Not Found")


async def read_call(request: HttpRequest) -> tuple[JsonObject, Mapping[str, Upload]]:
    """Read the parameters of a call from its address and its body, and the files beside them.

    Raises: ApiError 400 for a body that cannot be read.
    """
    given: dict[str, JsonValue] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    uploads: dict[str, Upload] = {}
    match kind:
        case "multipart/form-data":
            async with request.form(max_part_size=FIELD_LIMIT) as form:
                for name, part in form.multi_items():
                    if isinstance(part, UploadFile):
                        uploads[name] = await _upload(part)
                    else:
                        given[name] = part
        case "application/json":
            given.update(_read_json(await request.body()))
        case _:
            body = (await request.body()).decode()
            given.update(parse_qsl(body, keep_blank_values=True))
    return given, uploads


async def _upload(part: UploadFile) -> Upload:
    content_type = part.content_type or "application/octet-stream"
    return Upload(part.filename or "file", await part.read(), content_type)


def _read_json(body: bytes) -> JsonObject:
    if not body:
        return {}
    try:
        parsed: JsonValue = json.loads(body)
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse request JSON") from None
    if not isinstance(parsed, dict):
        raise ApiError(400, "Bad Request: expected a JSON object")
    return parsed


def refusal(error: ApiError) -> Response:
    """Write a refusal as the service does."""
    answer: dict[str, JsonValue] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.retry_after is not None:
        answer["parameters"] = {"retry_after": error.retry_after}
    return as_json(answer, error.code)


def as_json(answer: JsonObject, status: int) -> Response:
    """Write an answer, as the service does in ASCII: half a character passes too."""
    words = json.dumps(answer, separators=(",", ":"))
    return Response(words, status, media_type="application/json")


def odd_answer(odd: OddAnswerError) -> Response:
    """Write what no service says."""
    if odd.is_endless:
        return StreamingResponse(_trickle(), odd.code, media_type="application/json")
    return Response(odd.body, odd.code)


async def _trickle() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await SystemClock().sleep(TRICKLE_EVERY)
