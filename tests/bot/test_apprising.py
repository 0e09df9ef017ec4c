"""Apprise, the real one: one service at a time, at hosts that are its own."""

import sys
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from bot.apprising import Apprising
from bot.letters import letter_of
from bot.outcomes import Failure, Sent
from bot.secondconfig import SecondConfigError, SecondSection, has_apprise, read_section
from safety.secondaddresses import SERVICES, AddressKind
from tests.bot.postoffice import Topics

ALARM = letter_of("Alarm 17.\nOpen the chat.")

# What the library imports while it loads its services.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
async def topics() -> AsyncIterator[Topics]:
    """Open something that Apprise can reach on loopback, past what people may give."""
    async with Topics().open() as opened:
        yield opened


async def test_a_service_is_really_notified(topics: Topics) -> None:
    """Through the library's own client."""
    url = topics.url.replace("http://", "ntfy://") + "/topic?priority=max"
    assert await Apprising().send(url, ALARM) == Sent()
    [said] = topics.published
    assert (said.topic, said.title, said.message) == ("topic", "Alarm 17.", "Open the chat.")


async def test_what_does_not_work_is_tried_again_and_what_makes_no_sense_is_not(
    topics: Topics,
) -> None:
    """It says no more than that."""
    topics.status = 500
    url = topics.url.replace("http://", "ntfy://") + "/topic"
    assert await Apprising().send(url, ALARM) is Failure.NOT_SENT
    assert await Apprising().send("nosuchservice://x", ALARM) is Failure.UNREACHABLE


async def test_one_url_is_never_read_as_two(topics: Topics) -> None:
    """A second one behind a comma would go wherever it says."""
    second = topics.url.replace("http://", "ntfy://") + "/topic"
    await Apprising().send(f"pover://user@token,{second}", ALARM)
    assert topics.published == []


def test_every_service_that_is_taken_has_hosts_of_its_own() -> None:
    """The library knows each, and for none of them does the person say where it is."""
    details = import_module("apprise").Apprise().details()
    known = {
        name: service["details"]["templates"]
        for service in details["schemas"]
        for name in (*(service["protocols"] or ()), *(service["secure_protocols"] or ()))
    }
    assert SERVICES - known.keys() == set()
    with_hosts = [name for name in SERVICES if any("{host" in one for one in known[name])]
    assert with_hosts == []
    assert any("{host" in one for one in known["json"])  # the check can fail


def test_without_the_library_the_configuration_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says what to do."""
    wanted = SecondSection(apprise=True)
    assert has_apprise()
    assert read_section(wanted, "", "").kinds == (AddressKind.APPRISE,)
    elsewhere = [place for place in sys.path if not (Path(place) / "apprise").exists()]
    for name in [name for name in sys.modules if name.partition(".")[0] == "apprise"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", elsewhere)
    with pytest.raises(SecondConfigError, match=r"run pip install 'aman\[apprise\]'"):
        read_section(wanted, "", "")
