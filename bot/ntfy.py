"""Push by ntfy as a second channel: urgent, to a topic that its person alone knows."""

import asyncio
import ssl
from datetime import timedelta
from http import HTTPStatus

import httpx
from typing_extensions import override

from bot.letters import Letter, Way
from bot.outcomes import Failure, Halted, Outcome, Sent
from bot.secondconfig import NtfyServer

PATIENCE = 20.0  # seconds for everything
STEP = 10.0  # seconds for one answer
URGENT = 5  # the highest of its priorities: it rings and does not stop by itself
QUIET = 2  # neither sound nor vibration
WAIT = 30  # seconds, where the service says to wait and not how long
LONGEST_WAIT = 300  # seconds


class Ntfy(Way):
    """Publishes at one server, never through a proxy: it must not depend on the chat's."""

    def __init__(self, server: NtfyServer) -> None:
        self._server = server
        self._trusted = ssl.create_default_context()  # once: reading the authorities takes a while

    @override
    async def send(self, address: str, letter: Letter) -> Outcome:
        said = {"topic": address, "priority": URGENT if letter.is_urgent else QUIET}
        said |= {"tags": ["rotating_light"]} if letter.is_urgent else {}
        said |= {"title": letter.title, "message": letter.body or letter.title}
        try:
            async with asyncio.timeout(PATIENCE), self._client() as client:
                answer = await client.post("/", json=said)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Failure.NOT_SENT
        except (httpx.HTTPError, TimeoutError):
            return Failure.UNKNOWN
        return _judge(answer)

    @override
    async def look(self) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(PATIENCE), self._client() as client:
                health = await client.get("/v1/health")
                account = await client.get("/v1/account") if self._server.token else health
        except (httpx.HTTPError, TimeoutError):
            return False, "The ntfy server cannot be reached."
        if _is_refused(account):
            return False, "The ntfy server does not accept the token."
        is_healthy = health.is_success and '"healthy":true' in "".join(health.text.split())
        words = "is well" if is_healthy else "says that it is not well"
        return is_healthy, f"The ntfy server {words}."

    def _client(self) -> httpx.AsyncClient:
        token = self._server.token
        return httpx.AsyncClient(
            base_url=self._server.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            verify=self._trusted,
            trust_env=False,
            timeout=STEP,
            follow_redirects=False,
        )


def _judge(answer: httpx.Response) -> Outcome:
    if answer.is_success:
        return Sent()
    if _is_refused(answer):
        return Failure.TOKEN_REFUSED
    match answer.status_code:
        case HTTPStatus.TOO_MANY_REQUESTS:
            said = answer.headers.get("retry-after", "")
            wait = int(said) if said.isascii() and said.isdigit() else WAIT
            return Halted(timedelta(seconds=min(wait, LONGEST_WAIT)))
        case HTTPStatus.BAD_REQUEST:
            return Failure.UNREACHABLE
        case _:
            return Failure.NOT_SENT


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
