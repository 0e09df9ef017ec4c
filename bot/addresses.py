"""Addresses as the configuration writes them: taken apart, and how far away they are."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult | None:
    """Take an address apart; None where it is none, such as with a port that is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def is_here(host: str) -> bool:
    """Say whether a host is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_near(host: str) -> bool:
    """Say whether a host is on this machine or in this network: nothing crosses the internet."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_loopback or address.is_private
