"""Mail over a real connection: what goes out, what became of it, and over which connections."""

import ssl
from collections.abc import AsyncIterator

import pytest

from bot import mail
from bot.clock import MovableClock
from bot.keptcheckpoints import find_checkpoint
from bot.letters import Letter, letter_of
from bot.mail import Mail
from bot.outcomes import Failure, Outcome, Sent
from bot.secondconfig import MailServer, Security
from tests.bot.postoffice import PostOffice, certificate

ALARM = letter_of("Alarm 17.\nOpen the chat.")
TO = "saule@example.org"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """Open a mail server for one test."""
    async with PostOffice().open() as opened:
        yield opened


def way_to(
    office: PostOffice,
    clock: MovableClock,
    security: Security = Security.NONE,
    password: str = "",
    trusted: ssl.SSLContext | None = None,
) -> Mail:
    """Give the way to this server."""
    host = "127.0.0.1" if security is Security.NONE else "localhost"
    user = "user" if password else ""
    server = MailServer(host, office.port, security, user, password, "ring@example.net")
    return Mail(server, clock, trusted)


async def sends(way: Mail, letter: Letter = ALARM) -> Outcome:
    """Send something."""
    return await way.send(TO, letter)


async def test_a_letter_arrives_and_says_nothing_of_us(
    office: PostOffice, clock: MovableClock
) -> None:
    """One recipient, a subject to be woken by, and no name of ours or of the machine's."""
    assert await sends(way_to(office, clock)) == Sent()
    [mailed] = office.mailed
    assert (mailed.sender, mailed.recipient) == ("ring@example.net", TO)
    assert mailed.subject == "Alarm 17."
    assert mailed.text.split() == ["Alarm", "17.", "Open", "the", "chat."]
    assert mailed.message["Auto-Submitted"] == "auto-generated"
    assert mailed.message["X-Priority"] == "1"
    assert str(mailed.message["Message-ID"]).endswith("@example.net>")
    said = str(mailed.message).lower() + str(office.heard).lower()
    assert "aman" not in said.replace("example", "")
    assert "python" not in said
    assert [line for line in office.heard if line.startswith(b"EHLO")] == [b"EHLO [127.0.0.1]"]


async def test_other_letters_than_latin_ones_arrive(
    office: PostOffice, clock: MovableClock
) -> None:
    """In subject and text, over a server that knows seven bits."""
    assert await sends(way_to(office, clock), letter_of("Дабыл 1.\nЧатты ашыңыз.")) == Sent()
    [mailed] = office.mailed
    assert mailed.subject == "Дабыл 1."
    assert "Чатты ашыңыз." in mailed.text


async def test_a_letter_to_keep_is_not_urgent_and_is_read_as_it_was_saved(
    office: PostOffice, clock: MovableClock
) -> None:
    """The whole mail, its text, and an answer that quotes it: the same signed lines."""
    note = f"log/0123456789abcd\n17\n{'A' * 43}=\n\n\u2014 log-1 {'B' * 91}=\n"
    letter = letter_of(f"Сохраните эти строки.\nОни молчат.\n\n{note}", is_urgent=False)
    assert await sends(way_to(office, clock), letter) == Sent()
    [mailed] = office.mailed
    assert "X-Priority" not in mailed.message
    assert "Importance" not in mailed.message
    quoted = "\r\n".join(f"> {line}" for line in mailed.text.splitlines())
    for saved in (mailed.message.as_bytes(), mailed.text.encode(), f"Да.\r\n{quoted}".encode()):
        assert find_checkpoint(saved) == note
    assert find_checkpoint(b"no such lines") == "no such lines\n"
    with pytest.raises(ValueError, match="decode"):
        find_checkpoint(b"\xff\xfe")


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("RCPT", b"550 nobody of that name", Failure.UNREACHABLE),
        ("RCPT", b"450 come back later", Failure.NOT_SENT),
        ("MAIL", b"550 not from you", Failure.TOKEN_REFUSED),
        ("CONTENT", b"554 looks like spam", Failure.REFUSED),
        ("CONTENT", b"451 later", Failure.NOT_SENT),
        ("DATA", b"554 no", Failure.REFUSED),
    ],
)
async def test_what_the_server_answers_is_told_apart(
    office: PostOffice, clock: MovableClock, verb: str, answer: bytes, outcome: Outcome
) -> None:
    """Later, never, or not with this account."""
    office.answers[verb] = answer
    assert await sends(way_to(office, clock)) is outcome
    assert office.mailed == []


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT"])
async def test_a_line_cut_before_the_message_has_sent_nothing(
    office: PostOffice, clock: MovableClock, verb: str
) -> None:
    """It is not called a repeat later on."""
    office.cuts.add(verb)
    assert await sends(way_to(office, clock)) is Failure.NOT_SENT


async def test_a_line_cut_after_the_message_may_have_sent_it(
    office: PostOffice, clock: MovableClock
) -> None:
    """Nobody can tell."""
    office.cuts_after_content = 1
    assert await sends(way_to(office, clock)) is Failure.UNKNOWN


async def test_a_line_cut_at_the_goodbye_has_sent_it(
    office: PostOffice, clock: MovableClock
) -> None:
    """What was taken was taken."""
    office.cuts.add("QUIT")
    assert await sends(way_to(office, clock)) == Sent()


async def test_a_goodbye_that_never_comes_changes_nothing(
    office: PostOffice, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is over only after it was taken."""
    monkeypatch.setattr(mail, "PATIENCE", 1.0)
    office.hangs.add("QUIT")
    assert await sends(way_to(office, clock)) == Sent()


async def test_a_server_that_says_nothing_is_left_in_time(
    office: PostOffice, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tar pit keeps nobody else's letter."""
    monkeypatch.setattr(mail, "PATIENCE", 0.2)
    office.is_silent = True
    assert await sends(way_to(office, clock)) is Failure.NOT_SENT


async def test_where_nobody_listens_nothing_was_sent(clock: MovableClock) -> None:
    """And it is tried again."""
    async with PostOffice().open() as gone:
        way = way_to(gone, clock)
    assert await sends(way) is Failure.NOT_SENT


async def test_a_password_goes_over_a_connection_that_was_checked(clock: MovableClock) -> None:
    """STARTTLS, the server's own certificate, then the login."""
    shown, trusted = certificate()
    async with PostOffice(trusted=shown, takes_password="right").open() as office:  # noqa: S106 - opens nothing
        way = way_to(office, clock, Security.STARTTLS, "right", trusted)
        assert await sends(way) == Sent()
        assert office.mailed[0].was_encrypted
        assert (await way.look())[0]
        wrong = way_to(office, clock, Security.STARTTLS, "wrong", trusted)
        assert await sends(wrong) is Failure.TOKEN_REFUSED
        assert await wrong.look() == (
            False,
            "The mail server does not accept user and password.",
        )


async def test_a_server_with_a_foreign_certificate_gets_nothing(clock: MovableClock) -> None:
    """Whoever sits in between could read who is woken, and the password."""
    shown, _ = certificate()
    async with PostOffice(trusted=shown, takes_password="right").open() as office:  # noqa: S106 - opens nothing
        way = way_to(office, clock, Security.STARTTLS, "right")
        assert await sends(way) is Failure.NOT_SENT
        assert not (await way.look())[0]
        assert not any(line.startswith((b"AUTH", b"MAIL")) for line in office.heard)


async def test_a_server_that_offers_no_encryption_gets_nothing(
    office: PostOffice, clock: MovableClock
) -> None:
    """Somebody may have taken the offer out of the line."""
    office.takes_password = "right"  # noqa: S105 - opens nothing
    way = way_to(office, clock, Security.STARTTLS, "right")
    assert await sends(way) is Failure.NOT_SENT
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in office.heard)


async def test_looking_really_logs_in_and_sends_nothing(
    office: PostOffice, clock: MovableClock
) -> None:
    """What the doctor does."""
    assert await way_to(office, clock).look() == (True, "The mail server lets us in.")
    assert b"NOOP" in office.heard
    assert not any(line.startswith(b"MAIL") for line in office.heard)
    office.cuts.add("NOOP")
    assert not (await way_to(office, clock).look())[0]
