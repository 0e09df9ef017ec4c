"""A personal link for reporting: it outlives the registration, and says nothing of whose it is.

No row says whose it is: not a person, not a chat, not when it was made (ADR-0027). Whoever has it
reports as its number. All links of an event end on the same day, organizers can stop them, and how
much comes through them in a day is bounded.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from typing_extensions import override

from safety.events import Event
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Notice, notice
from safety.people import EventId
from safety.policy import Policy
from safety.reportdays import DAY
from safety.timers import AfterPause, timer

GIVEN = "report-link"  # the card of a link that stands in the chat of whoever took it
GIVEN_STAYS = timedelta(hours=1)
MOST_LINKS = 300  # of one event
MOST_A_DAY = 60  # through one link: ten reports, or fewer with more in each
MOST_A_DAY_IN_ALL = 600  # through all links of an event …
OWN_SHARE = 12  # … beside which each link has so much of a day: one report, and as much to join it
ENOUGH = "report-link-enough"
DIGITS = 10_000  # four digits, which no two links of an event share


@dataclass(frozen=True, slots=True)
class ReportLink:
    """One link. `spent` is the weight of what came through it since `spent_since`, for a day."""

    id: int
    event_id: EventId
    expires_at: datetime
    reports: int = 0
    spent: int = 0
    spent_since: datetime | None = None
    refused: int = 0  # how often it was too much, in the same day

    def is_on(self, now: datetime) -> bool:
        """Say whether the day is on in which something came through it last."""
        return self.spent_since is not None and now < self.spent_since + DAY

    def spent_at(self, now: datetime) -> int:
        """Give the weight of what came through it in the day that is on."""
        return self.spent if self.is_on(now) else 0

    def refused_at(self, now: datetime) -> int:
        """Give how often it was too much in the day that is on."""
        return self.refused if self.is_on(now) else 0


def number_of(link_id: int) -> str:
    """Give the four digits that people say, which are a reference's last ones as well."""
    return f"{link_id % DIGITS:04}"


def reporter_tag(chat_row: int) -> str:
    """Name the messages that leave a chat when nobody knows any more that it came by a link."""
    return f"reporter:{chat_row}"


def link_reference(link_id: int) -> str:
    """Name whoever reports through a link, in entries."""
    return f"link-{link_id}"


def expires_at(event: Event, policy: Policy) -> datetime:
    """Say until when the links of an event work: as the first does, so that it tells nothing."""
    return event.over_at + lasting(Kind.REPORT_LINKS, policy)


def spend(
    link: ReportLink, now: datetime, spent_by_all: int, weight: int, *, is_report: bool
) -> ReportLink:
    """Give a link after one more thing came through it; the same one where that is too much.

    `spent_by_all`: the weight of what came in their day through all links of the event. Whoever
    has collected some links can use that up, and not what each other link has for itself.
    """
    before = link.spent_at(now)
    is_own = before + weight <= OWN_SHARE
    if before + weight > MOST_A_DAY:
        return link
    if spent_by_all + weight > MOST_A_DAY_IN_ALL and not is_own:
        return link
    since, refused = (link.spent_since, link.refused) if link.is_on(now) else (now, 0)
    spent, reports = before + weight, link.reports + is_report
    return replace(link, reports=reports, spent=spent, spent_since=since, refused=refused)


def refuse(link: ReportLink) -> ReportLink:
    """Count one thing more that was not taken."""
    return replace(link, refused=link.refused + 1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportLinkGiven(Notice):
    """The link, for whoever asked for it. The token stands nowhere else."""

    stays = GIVEN_STAYS

    link_id: int
    token: str

    @override
    def card(self) -> str | None:
        return GIVEN


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportLinkOpened(Notice):
    """What can be done here, what it can be traced by, and how to end the link."""

    stays = GIVEN_STAYS

    link_id: int


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportLinkList(Notice):
    """The links of an event in numbers, for organizers: the ones that were used can be stopped."""

    stays = timedelta(minutes=30)

    event_id: EventId
    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportLinkQuestion(Notice):
    """Asks once more before all links of an event are stopped."""

    stays = timedelta(minutes=30)

    event_id: EventId


@timer
@dataclass(frozen=True, slots=True, repr=False)
class ReporterGone(AfterPause):
    """An hour after the last thing: nobody knows any more which chat came by a link."""

    chat_row: int

    @override
    def key(self) -> str:
        return f"reporter-gone:{self.chat_row}"
