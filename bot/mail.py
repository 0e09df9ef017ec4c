"""Mail as a second channel: one message, one address, over a connection that is checked.

Nothing is sent that a server could read more from than time and address: no host name of ours, no
program, and no other address. Header injection ends in the message's own types.
"""

import asyncio
import ssl
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, make_msgid

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPSenderRefused,
)
from typing_extensions import override

from bot.clock import Clock
from bot.letters import Letter, Way
from bot.outcomes import Failure, Outcome, Sent
from bot.secondconfig import MailServer, Security

PATIENCE = 20.0  # seconds for everything
STEP = 10.0  # seconds for one answer of the server
FOR_GOOD = 500  # codes from here on (RFC 5321, 4.2.1)
NOBODY = "[127.0.0.1]"  # how we greet: the server's own name is nobody's business

_POLICY = WIRE.clone(cte_type="7bit")


class Mail(Way):
    """Hands messages to one mail server. `trusted` replaces the machine's authorities."""

    def __init__(
        self, server: MailServer, clock: Clock, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._clock = clock
        is_safe = server.security is not Security.NONE
        self._trusted = trusted or (ssl.create_default_context() if is_safe else None)

    @override
    async def send(self, address: str, letter: Letter) -> Outcome:
        message = self._compose(address, letter)
        is_begun = is_taken = False
        try:
            async with asyncio.timeout(PATIENCE), self._client() as client:
                await client.mail(self._server.sender)
                await client.rcpt(address)
                is_begun = True
                await client.data(message)
                is_taken = True
        except (SMTPException, OSError, ValueError) as error:
            return Sent() if is_taken else _judge(error, is_begun=is_begun)
        return Sent()

    @override
    async def look(self) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(PATIENCE), self._client() as client:
                await client.noop()
        except SMTPAuthenticationError:
            return False, "The mail server does not accept user and password."
        except (SMTPException, OSError, ValueError):
            return False, "The mail server cannot be reached, or not over a safe connection."
        return True, "The mail server lets us in."

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=NOBODY,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=self._trusted,
            timeout=STEP,
        )

    def _compose(self, address: str, letter: Letter) -> bytes:
        sender = self._server.sender
        message = EmailMessage(policy=_POLICY)
        message["From"], message["To"] = sender, address
        message["Subject"] = letter.title
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        if letter.is_urgent:
            message["Importance"], message["X-Priority"] = "high", "1"
        message.set_content(letter.text + "\n")
        return message.as_bytes()


def _judge(error: Exception, *, is_begun: bool) -> Outcome:
    """Tell what an error means: what was refused before the message was begun never left."""
    match error:
        case SMTPAuthenticationError() | SMTPSenderRefused():
            return Failure.TOKEN_REFUSED
        case SMTPRecipientRefused(code=code):
            return Failure.UNREACHABLE if code >= FOR_GOOD else Failure.NOT_SENT
        case SMTPDataError(code=code):
            return Failure.REFUSED if code >= FOR_GOOD else Failure.NOT_SENT
        case _:
            return Failure.UNKNOWN if is_begun else Failure.NOT_SENT
