"""Asks a time stamping authority, where one is configured, while a case is given out.

It learns a hash and our address, nothing else. A case never waits for it: without an answer, or
with a wrong one, it leaves without a stamp, and the command says so.
"""

import asyncio

import httpx

from bot.config import Config, ConfigError
from storage.bundle.contents import Stamp
from storage.vault.errors import BrokenProofError
from storage.vault.timestamps import LONGEST, Question, read_roots

WAIT = 20.0  # seconds
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class UnstampedError(Exception):
    """The authority gave no stamp that counts."""


async def stamp(config: Config, checkpoint: str) -> Stamp | None:
    """Have a checkpoint stamped; None where no authority is configured.

    Raises:
        UnstampedError: it did not answer, or not what was asked for.
        ConfigError: its root certificates cannot be read.
    """
    if config.authority is None:
        return None
    try:
        roots = config.authority.roots.read_bytes()
        read_roots(roots)
    except (OSError, ValueError):
        raise ConfigError("The file of timestamp_roots holds no certificate.") from None
    question = Question.about(checkpoint.encode())
    try:
        answer = await _ask(config, config.authority.url, question.request.as_bytes())
        return Stamp(question.accept(answer, roots), roots)
    except (httpx.HTTPError, TimeoutError, BrokenProofError):
        raise UnstampedError from None


async def _ask(config: Config, url: str, request: bytes) -> bytes:
    async with (
        asyncio.timeout(WAIT),  # also where the answer trickles in
        httpx.AsyncClient(proxy=config.proxy, trust_env=False, timeout=WAIT) as client,
        client.stream("POST", url, content=request, headers={"Content-Type": _QUERY}) as answer,
    ):
        answer.raise_for_status()
        if answer.headers.get("content-type", "").split(";")[0] != _REPLY:
            raise BrokenProofError("the answer is no time stamp")
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > LONGEST:
                raise BrokenProofError("the answer is too long for a time stamp")
        return bytes(content)
