"""Where updates are delivered, if they are: read from the configuration and checked."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot import addresses
from bot.configfile import SERVICE, TelegramSection
from safety.people import Unprinted
from storage.vault.digests import webhook_secret

LEAST_SECRET = 16  # characters
PORTS = frozenset({None, 443, 80, 88, 8443})  # Telegram delivers to no other

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what the service takes


@dataclass(frozen=True, slots=True, repr=False)
class WebhookSetting(Unprinted):
    """The address that the service is told, where we listen for it, and what it has to show."""

    url: str
    host: str
    port: int
    secret: str

    @property
    def is_open(self) -> bool:
        """Say whether whoever reaches this machine can connect, where no TLS is spoken."""
        address = ipaddress.ip_address(self.host)
        return address.is_unspecified or not address.is_private

    @property
    def path(self) -> str:
        """Give the one path at which updates are taken."""
        return urlsplit(self.url).path or "/"


def read_webhook(section: TelegramSection, token: str) -> WebhookSetting | None:
    """Give the setting; None where updates are asked for instead.

    Raises:
        ValueError: with one sentence, where it makes no sense.
    """
    if not section.webhook_url:
        if section.webhook_secret:
            raise ValueError("webhook_secret in [telegram] needs webhook_url beside it.")
        return None
    check_address(section.webhook_url, "webhook_url")
    if section.api_url.rstrip("/") == SERVICE:
        _check_port(section.webhook_url)
    secret = section.webhook_secret or webhook_secret(token)
    if not _SECRET.fullmatch(secret) or len(secret) < LEAST_SECRET:
        raise ValueError(
            "webhook_secret in [telegram] must be 16 to 256 characters of A-Z, a-z, 0-9, _ and -."
        )
    host, port = _listen(section.webhook_listen)
    return WebhookSetting(section.webhook_url, host, port, secret)


def check_address(url: str, name: str) -> None:
    """Make sure that updates cross the open internet encrypted, and that the address is plain.

    Raises:
        ValueError: with one sentence.
    """
    parts = addresses.split(url)
    if parts is None:
        raise ValueError(f"{name} in [telegram] is not an address.")
    host = parts.hostname or ""
    # A Bot API server of one's own, in local mode, delivers to its own machine without TLS.
    is_here = parts.scheme == "http" and addresses.is_here(host)
    if not (parts.scheme == "https" and host) and not is_here:
        raise ValueError(f"{name} in [telegram] must begin with https://.")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{name} in [telegram] may hold a host, a port and a path only.")


def _check_port(url: str) -> None:
    """Refuse what Telegram itself refuses; a Bot API server of one's own may take any port."""
    if urlsplit(url).port not in PORTS:
        raise ValueError("webhook_url in [telegram] must have port 443, 80, 88 or 8443.")


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    try:
        ipaddress.ip_address(host)
        number = int(port)
    except ValueError:
        number = 0
    if not 0 < number < 2**16:
        raise ValueError(
            "webhook_listen in [telegram] must be an address and a port, such as 127.0.0.1:8081."
        )
    return host, number
