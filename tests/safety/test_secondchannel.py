"""When somebody is woken beside the chat, how often, and which addresses are taken at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.alarms import Acknowledgement, Alarm, AlarmState, Caller, Way
from safety.errors import RefusalError
from safety.people import PersonId, TeamId
from safety.secondaddresses import SERVICES, read_mail, read_url
from safety.secondchannel import (
    ANSWERED_WITHIN,
    ARRIVES_WITHIN,
    PACE,
    SLOW_PACE,
    TIMES_AT_PACE,
    Ringing,
    Told,
    again,
    pace,
    unanswered_since,
    wakes,
)

NOW = datetime(2027, 5, 28, 18, tzinfo=UTC)
HOLDS = timedelta(minutes=10)
ME = TeamId(1)

seconds = st.integers(0, 7200).map(lambda number: timedelta(seconds=number))


def _alarm(*, called: timedelta = timedelta(), answered: timedelta | None = None) -> Alarm:
    at = NOW - called
    caller = Caller(PersonId(7), None, Way.KEY, at, 5, 5, at, at)
    answers = () if answered is None else (Acknowledgement(ME, NOW - answered, 6),)
    return Alarm(3, None, 17, AlarmState.OPEN, at, at, (caller,), answers)


def _reached(
    rung: timedelta = timedelta(), *, arrived: bool = True, woken: Told | None = None
) -> Ringing:
    return Ringing(NOW - rung, arrived, woken)


def test_a_ring_that_arrives_wakes_nobody_twice_within_the_first_minute() -> None:
    """The chat works: the second channel is for when it does not."""
    just_before = ANSWERED_WITHIN - timedelta(seconds=1)
    assert not wakes(_reached(just_before), NOW, NOW - just_before, is_line_down=False)
    assert wakes(_reached(ANSWERED_WITHIN), NOW, NOW - ANSWERED_WITHIN, is_line_down=False)


def test_a_ring_that_does_not_arrive_goes_out_otherwise_after_fifteen_seconds() -> None:
    """Not before: most rings are on their way for a moment."""
    just_before = ARRIVES_WITHIN - timedelta(seconds=1)
    missing = _reached(just_before, arrived=False)
    assert not wakes(missing, NOW, NOW - just_before, is_line_down=False)
    missing = _reached(ARRIVES_WITHIN, arrived=False)
    assert wakes(missing, NOW, NOW - ARRIVES_WITHIN, is_line_down=False)


def test_while_the_line_is_down_nobody_waits() -> None:
    """At once, also for a ring that is only on its way."""
    assert wakes(_reached(), NOW, NOW, is_line_down=True)


@given(arrived=st.booleans(), down=st.booleans(), rung=seconds, since=seconds, ago=seconds)
def test_nobody_is_woken_faster_than_the_pace(
    *, arrived: bool, down: bool, rung: timedelta, since: timedelta, ago: timedelta
) -> None:
    """Whatever else is the matter: a phone that rings all the time is switched off."""
    woken = Told(ME, NOW - ago)
    person = _reached(rung, arrived=arrived, woken=woken)
    if wakes(person, NOW, NOW - since, is_line_down=down):
        assert ago >= PACE


@given(st.integers(0, 5000))
def test_it_becomes_slower_and_never_ends(times: int) -> None:
    """An alarm that nobody answers is told of for ever."""
    assert pace(times) in {PACE, SLOW_PACE}
    assert pace(times) <= pace(times + 1)
    long_ago = Told(ME, NOW - SLOW_PACE, times)
    assert wakes(_reached(SLOW_PACE, woken=long_ago), NOW, NOW - SLOW_PACE, is_line_down=False)


def test_being_told_is_counted() -> None:
    """So that the pace can become slower."""
    woken = again(None, ME, NOW)
    for _ in range(TIMES_AT_PACE - 1):
        assert pace(woken.times) == PACE
        woken = again(woken, ME, NOW)
    assert pace(woken.times) == SLOW_PACE


def test_an_answer_holds_for_a_while_only() -> None:
    """After it, without news, the alarm is unanswered since the moment when the answer ended."""
    assert unanswered_since(_alarm(called=timedelta(minutes=3)), NOW, HOLDS) is not None
    fresh = _alarm(called=timedelta(minutes=3), answered=timedelta(minutes=2))
    assert unanswered_since(fresh, NOW, HOLDS) is None
    old = _alarm(called=timedelta(minutes=30), answered=timedelta(minutes=12))
    assert unanswered_since(old, NOW, HOLDS) == NOW - timedelta(minutes=2)


# ---------------------------------------------------------------- addresses

GOOD_MAIL = ("a@example.org", "a.b+c_d-e@mail.example.co", "x" * 64 + "@example.org")
BAD_MAIL = (
    *("", "a", "@example.org", "a@", "a@b", "a@localhost", "a@127.0.0.1", "a@[127.0.0.1]"),
    *("a b@example.org", "a@exa mple.org", "a@example.org ", "a@example.org\n", "a\r@example.org"),
    *("a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "<a@example.org>"),
    *('"a b"@example.org', "a@b@example.org", "a..b@example.org", ".a@example.org"),
    *("a@-example.org", "a@example-.org", "a@example..org", "a%b@example.org", "a!b@example.org"),
    *("а@example.org", "a@пример.орг", "a\x00@example.org", "a\u202e@example.org"),
    *("x" * 65 + "@example.org", "a@" + "b" * 250 + ".org", "a@" + "b." * 5000 + "org"),
    *("RCPT TO:<a@example.org>", "a@example.org>\r\nDATA", "-oQ/tmp@example.org\n"),
)
GOOD_URLS = (
    "pover://user@token",
    "threema://*ABCDEFG@secret/someone@example.org",
    "twilio://sid:token@15550001111/15550002222",
    "slack://token_a/token_b/token_c/#team?footer=no",
)
BAD_URLS = (
    *("", "pover", "pover:", "pover://", "://x", "pover:// user", "pover://a b", "pover://a\nb"),
    *("pover://a\r\nb", "pover://a\x00b", "pover://ü", "pover://" + "a" * 400, "POVER://a"),
    *("pover://a json://127.0.0.1", "pover://a,json://127.0.0.1/", "pover://a?rto=9999"),
    *("pover://a?x=1&CTO=9999", "http://example.org", "https://example.org", "file:///etc/passwd"),
    *("json://127.0.0.1", "jsons://10.0.0.1/x", "xml://localhost", "form://169.254.169.254/"),
    *("gotify://192.168.0.1/x", "matrix://u:p@10.1.1.1", "ntfy://localhost/x", "mailto://u:p@h"),
    *("syslog://", "dbus://", "windows://", "macosx://", "gnome://", "tgram://token/chat"),
    *("workflow://10.0.0.1", "apprise://localhost/x", "rsyslog://127.0.0.1", "mqtt://127.0.0.1"),
)


@pytest.mark.parametrize("typed", GOOD_MAIL)
def test_a_plain_mail_address_is_taken(typed: str) -> None:
    """As it is."""
    assert read_mail(typed) == typed


@pytest.mark.parametrize("typed", BAD_MAIL)
def test_what_could_be_more_than_one_mail_address_is_not(typed: str) -> None:
    """No header, no second recipient, no command, nothing huge."""
    with pytest.raises(RefusalError):
        read_mail(typed)


@pytest.mark.parametrize("typed", GOOD_URLS)
def test_a_service_with_servers_of_its_own_is_taken(typed: str) -> None:
    """As it is."""
    assert read_url(typed) == typed


@pytest.mark.parametrize("typed", BAD_URLS)
def test_a_url_that_could_reach_into_this_machine_is_not(typed: str) -> None:
    """Nor one that holds another inside, or sets how long it may take."""
    with pytest.raises(RefusalError):
        read_url(typed)


@given(st.text(max_size=300))
def test_whatever_is_taken_is_one_printed_word(typed: str) -> None:
    """A line break in it would end a header; a space, an argument."""
    for read in (read_mail, read_url):
        try:
            taken = read(typed)
        except RefusalError:
            continue
        assert taken.isascii()
        assert taken.isprintable()
        assert not set(taken) & set(' "<>()\\;|`$')


def test_no_service_is_named_twice_or_speaks_to_a_host_that_is_given() -> None:
    """The list holds names alone; that these have hosts of their own is tried with Apprise."""
    assert all(name.isalnum() and name.islower() for name in SERVICES)
    assert not SERVICES & {"json", "xml", "form", "gotify", "matrix", "ntfy", "mailto", "syslog"}
