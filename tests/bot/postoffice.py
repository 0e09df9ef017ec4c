"""A mail server and an ntfy server on loopback: real protocols, and told how to misbehave."""

import asyncio
import base64
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.clock import SystemClock

PATIENCE = 10.0  # real seconds
LOOK_EVERY = 0.01  # real seconds


@dataclass(frozen=True, slots=True)
class Mailed:
    """One message that was handed over, as its envelope and its content say."""

    sender: str
    recipient: str
    message: Message
    was_encrypted: bool

    @property
    def subject(self) -> str:
        """Give the decoded subject."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Give the decoded text."""
        payload = self.message.get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode("utf-8").replace("\r\n", "\n")


async def _nothing() -> None:
    pass


@dataclass(slots=True)
class PostOffice:
    """Speaks SMTP. `answers` replaces what it says to a verb; `cuts` are verbs it hangs up on.

    `cuts_after_content`: it takes the message and is gone before it says so.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    cuts: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)  # verbs that it never answers
    cuts_after_content: int = 0  # times
    after_content: Callable[[], Awaitable[None]] = _nothing  # before it says that it took it
    is_silent: bool = False
    takes_password: str | None = None
    trusted: ssl.SSLContext | None = None  # with a certificate, for STARTTLS
    mailed: list[Mailed] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    @asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator["PostOffice"]:
        """Listen on loopback."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            server.close()

    async def gets(self, count: int = 1, within: float = PATIENCE) -> list[Mailed]:
        """Wait until so many messages have come.

        Raises:
            TimeoutError: they do not.
        """
        async with asyncio.timeout(within):
            while len(self.mailed) < count:
                await SystemClock().sleep(LOOK_EVERY)
        return self.mailed

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_silent:
            await reader.read()
            return
        envelope: dict[str, str] = {}
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            self.heard.append(line.rstrip())
            verb = line.split(b":")[0].split()[0].decode().upper()
            if verb in self.cuts:
                return
            if verb in self.hangs:
                await reader.read()
            envelope[verb] = line.decode().partition("<")[2].partition(">")[0]
            answer = self.answers.get(verb)
            if verb == "DATA" and answer is None:
                writer.write(b"354 go on\r\n")
                content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                if await self._keeps(envelope, content, writer):
                    return
                answer = self.answers.get("CONTENT")
            writer.write((answer or self._answer(verb, line, writer)) + b"\r\n")
            if verb == "STARTTLS":
                assert self.trusted is not None
                await writer.start_tls(self.trusted)

    async def _keeps(
        self, envelope: dict[str, str], content: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        """Keep a message; say whether the line is cut before it is told."""
        if "CONTENT" not in self.answers:
            message = BytesParser(policy=default).parsebytes(content)
            was_encrypted = writer.get_extra_info("ssl_object") is not None
            mailed = Mailed(envelope["MAIL"], envelope["RCPT"], message, was_encrypted)
            self.mailed.append(mailed)
            await self.after_content()
        self.cuts_after_content -= 1
        return self.cuts_after_content >= 0

    def _answer(self, verb: str, line: bytes, writer: asyncio.StreamWriter) -> bytes:
        match verb:
            case "EHLO":
                return self._greeting(writer)
            case "STARTTLS":
                return b"220 go"
            case "AUTH":
                return self._login(line)
            case _:
                return b"250 ok"

    def _greeting(self, writer: asyncio.StreamWriter) -> bytes:
        is_plain = writer.get_extra_info("ssl_object") is None
        offers = b"250-STARTTLS\r\n" if self.trusted is not None and is_plain else b""
        offers += b"250-AUTH PLAIN\r\n" if self.takes_password is not None else b""
        return b"250-here\r\n" + offers + b"250 8BITMIME"

    def _login(self, line: bytes) -> bytes:
        given = base64.b64decode(line.split()[2]).split(b"\x00")[2].decode()
        return b"235 in" if given == self.takes_password else b"535 no"


def certificate() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1: what a server shows, and what a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.replace(year=now.year - 1))
        .not_valid_after(now.replace(year=now.year + 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    return _server_context(pem, key), ssl.create_default_context(cadata=pem.decode())


def _server_context(pem: bytes, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # Python's TLS reads keys from files alone
        file = Path(folder) / "both.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + pem)
        context.load_cert_chain(file)
    return context


class Published(msgspec.Struct):
    """What was published to a topic."""

    topic: str
    message: str
    title: str
    priority: int = 3
    tags: list[str] = []


@dataclass(slots=True)
class Topics:
    """Speaks as much of ntfy as is used. `status` is what it says to whatever is published."""

    status: int = 200
    headers: str = ""
    token: str = ""
    is_silent: bool = False
    published: list[Published] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Topics"]:
        """Listen on loopback."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if self.is_silent:
            await reader.read()
        else:
            length = head.partition("content-length: ")[2].partition("\r")[0]
            body = await reader.readexactly(int(length or 0))
            writer.write(self._answer(head, body))
        writer.close()

    def _answer(self, head: str, body: bytes) -> bytes:
        is_let_in = not self.token or f"authorization: bearer {self.token.lower()}" in head
        status, said = self.status, "{}"
        if not is_let_in and not head.startswith("get /v1/health"):
            status = 403
        elif head.startswith("get /v1/health"):
            said = '{"healthy": true}'
        elif head.startswith("post / ") and status == 200:
            self.published.append(msgspec.json.decode(body, type=Published))
        extra = f"{self.headers}\r\n" if self.headers else ""
        return (
            f"HTTP/1.1 {status} x\r\ncontent-length: {len(said)}\r\n{extra}"
            f"connection: close\r\n\r\n{said}"
        ).encode()
