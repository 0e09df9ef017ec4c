"""How the service is asked: no answer is waited for for ever, and no other's refusal is its own.

A timeout of the HTTP library begins anew with each byte. And between us and the service stand
proxies and walls that answer in its place: their 403 says nothing about a chat, their 400 nothing
about a message, their 404 nothing about the token.
"""

import asyncio
import json
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
from telegram._utils.types import ODVInput  # of what is overridden here
from telegram.error import NetworkError
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from typing_extensions import override

CONNECT_TIMEOUT = 5.0  # real seconds
LONGEST_WAIT = 10**9  # seconds that a service can ask for and mean it
GOOD = b'{"ok":true'  # how the service begins what nobody else has answered
DATE = "%a, %d %b %Y %H:%M:%S GMT"  # as HTTP has it, and in no other zone
YEARS = range(2026, 2100)  # in which an answer can have been given
_CAME: ContextVar[tuple[str | None, object]] = ContextVar("its date, and over what it came")

OnAnswer = Callable[[datetime | None, object], None]


class Asking(HTTPXRequest):
    """Asks over `connections` at once; an answer has `patience` real seconds to be there whole.

    `on_answer` is told of each good answer of the service's own: the moment at which it is dated,
    None where it is not dated, and something that stands for the connection over which it came.
    """

    def __init__(
        self,
        *,
        connections: int,
        answer_timeout: float,
        patience: float,
        proxy: str | None,
        on_answer: OnAnswer | None = None,
    ) -> None:
        super().__init__(
            connection_pool_size=connections,
            read_timeout=answer_timeout,
            write_timeout=answer_timeout,
            connect_timeout=CONNECT_TIMEOUT,
            pool_timeout=CONNECT_TIMEOUT,
            proxy=proxy,
            httpx_kwargs={"trust_env": False, "event_hooks": {"response": [_keep]}},
        )
        self._patience = patience
        self._on_answer = on_answer

    @override
    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; give the status and all of the answer.

        Raises:
            NetworkError: somebody else has answered, and the service was never asked.
            TimeoutError: the answer was not there in time; what was asked for may be done.
        """
        timeouts = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        async with asyncio.timeout(self._patience):
            status, answer = await super().do_request(url, method, request_data, *timeouts)
        is_good = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        if not is_good and not is_refusal(answer):
            raise NetworkError(f"somebody else has answered ({status})")
        if self._on_answer is not None and answer.startswith(GOOD):
            said, connection = _CAME.get()
            date = None if said is None else read_date(said)
            if date is not None or said is None:
                self._on_answer(date, connection)
        return status, answer


async def _keep(response: httpx.Response) -> None:
    _CAME.set((response.headers.get("date"), response.extensions.get("network_stream")))


def read_date(text: str) -> datetime | None:
    """Read when an answer was given, as its header says; None: that is no moment."""
    try:
        moment = datetime.strptime(text, DATE).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def is_refusal(answer: bytes) -> bool:
    """Say whether these are the service's own words for a refusal, as it publishes them."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or said.get("ok") is not False:
        return False
    besides = said.get("parameters", {})
    wait = besides.get("retry_after", 0) if isinstance(besides, dict) else None
    is_wait = type(wait) is int and 0 <= wait <= LONGEST_WAIT
    return is_wait and isinstance(said.get("description"), str)
