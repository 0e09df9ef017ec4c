"""The page's own small server: it shows the phones and does on them what is clicked.

It listens on 127.0.0.1 alone. Every request must carry the key that stands in the printed address,
so that no other page in the same browser can look or press.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib.resources import files
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.clock import MovableClock
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.botapi.phones import Phone
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.page.views import as_json
from storage.vault.digests import new_token, same

LONGEST_MOVE = timedelta(days=30)


class Click(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done on the page: on which phone, what, and with which words or message."""

    phone: int
    act: str
    text: str = ""
    message: int = 0


class Passing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many seconds of the evening shall pass."""

    seconds: float


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody new, with a phone in this language."""

    name: str
    language: str


_Body = TypeVar("_Body", Click, Passing, NewPerson)

Act = Callable[[Phone, Click], Awaitable[object]]


async def _open(phone: Phone, click: Click) -> None:
    await phone.opens(click.text)


async def _write(phone: Phone, click: Click) -> None:
    await phone.writes(click.text)


async def _press(phone: Phone, click: Click) -> None:
    message = next((seen for seen in phone.messages if seen.message_id == click.message), None)
    await phone.presses(click.text, message=message, within=0.0)


async def _place(phone: Phone, click: Click) -> None:
    latitude, _, longitude = click.text.partition(",")
    await phone.sends_location(float(latitude), float(longitude))


async def _video(phone: Phone, _click: Click) -> None:
    await phone.sends_video(b"a rehearsed video", "video.mp4")


ACTS: dict[str, Act] = {
    "open": _open,
    "write": _write,
    "press": _press,
    "place": _place,
    "video": _video,
}


class PhonesPage:
    """Serves one rehearsal's phones. `path_with_key` is what to open in the browser."""

    def __init__(self, service: BotApiServer, clock: MovableClock, zone: ZoneInfo) -> None:
        self._service = service
        self._clock = clock
        self._zone = zone
        self._key = new_token()
        self.path_with_key = f"/?key={self._key}"
        self.application = Starlette(
            routes=[
                Route("/", self._show),
                Route("/phones", self._phones),
                Route("/picture", self._picture),
                Route("/click", self._click, methods=["POST"]),
                Route("/pass", self._pass, methods=["POST"]),
                Route("/person", self._person, methods=["POST"]),
            ]
        )

    def _may(self, request: Request) -> bool:
        key = request.query_params.get("key", "")
        return same(key.encode(), self._key.encode())

    async def _show(self, request: Request) -> Response:
        if not self._may(request):
            return PlainTextResponse("Open the address that was printed.", 403)
        html = (files("bot.rehearsal.page") / "phones.html").read_text(encoding="utf-8")
        policy = "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return HTMLResponse(html, headers=headers)

    async def _phones(self, request: Request) -> Response:
        if not self._may(request):
            return PlainTextResponse("", 403)
        return JSONResponse(as_json(self._clock.now(), self._zone, self._service.people))

    async def _picture(self, request: Request) -> Response:
        if not self._may(request):
            return PlainTextResponse("", 403)
        try:
            phone = self._service.phone(int(request.query_params["phone"]))
            wanted = int(request.query_params["message"])
            seen = next(seen for seen in phone.messages if seen.message_id == wanted)
            return Response(phone.file_of(seen), media_type="image/png")
        except (KeyError, ValueError, StopIteration, PersonError):
            return PlainTextResponse("", 404)

    async def _click(self, request: Request) -> Response:
        async def act(click: Click) -> None:
            await ACTS[click.act](self._service.phone(click.phone), click)

        return await self._do(request, Click, act)

    async def _pass(self, request: Request) -> Response:
        async def act(passing: Passing) -> None:
            by = timedelta(seconds=passing.seconds)
            if not timedelta() < by <= LONGEST_MOVE:
                raise ValueError("too far")
            self._clock.move(by)

        return await self._do(request, Passing, act)

    async def _person(self, request: Request) -> Response:
        async def act(person: NewPerson) -> None:
            taken = [phone.user_id for phone in self._service.people]
            user_id = max(taken, default=1000) + 1
            name = person.name.strip()[:40] or f"Somebody {user_id}"
            self._service.person(user_id, name, language_code=person.language[:5])

        return await self._do(request, NewPerson, act)

    async def _do(
        self,
        request: Request,
        kind: type[_Body],
        act: Callable[[_Body], Awaitable[None]],
    ) -> Response:
        if not self._may(request):
            return PlainTextResponse("", 403)
        try:
            await act(msgspec.json.decode(await request.body(), type=kind))
        except PersonError as error:
            return PlainTextResponse(str(error).splitlines()[0], 409)
        except (msgspec.ValidationError, msgspec.DecodeError, KeyError, ValueError):
            return PlainTextResponse("That cannot be done on this page.", 400)
        return PlainTextResponse("")
