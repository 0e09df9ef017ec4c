"""Links for reporting in chat: one's own, with what it can be traced by; all, in numbers."""

from collections.abc import Sequence
from functools import partial

from coordination import reportlinks
from coordination.privacy import Kept
from handlers import paging
from handlers.buttons.incidents import IncidentPage
from handlers.buttons.reportlinks import (
    AskStopReportLinks,
    EndReportLink,
    ReportLinksPress,
    StopReportLink,
    StopReportLinks,
    TakeReportLink,
)
from handlers.context import Request, Showing
from handlers.links import link_of
from handlers.screens import Rows, Screen
from safety.notices import Say
from safety.paging import cut
from safety.people import EventId
from safety.reportlinks import (
    ReportLinkGiven,
    ReportLinkList,
    ReportLinkOpened,
    ReportLinkQuestion,
    number_of,
)

IN_A_ROW = 2  # buttons with four digits
SHOWN = 24  # links that were used; all can be stopped together


# ---------------------------------------------------------------- whose it is


def press_take(request: Request, press: TakeReportLink) -> str | None:
    """Give a link."""
    reportlinks.give(request.turn, EventId(press.event_id))
    return None


def press_end(request: Request, press: EndReportLink) -> str | None:
    """End it; the screen that showed it goes with it."""
    reportlinks.end(request.turn, press.token)
    request.turn.reply(Say("report-link-ended"))
    return None


def take_row(showing: Showing, event_id: EventId | None) -> Rows:
    """Give *A link for later* to whoever may take one."""
    if event_id is None or not reportlinks.may_take(showing.work, showing.chat_id, event_id):
        return ()
    return ((showing.button("button-report-link", TakeReportLink(event_id)),),)


def erasing(showing: Showing, kept: Sequence[Kept]) -> tuple[str, ...]:
    """Say, to whoever goes, that a link of theirs stays, and how to end it."""
    has_any = any(reportlinks.list_at(showing.work, one.event_id) for one in kept)
    return (showing.say("report-link-erase"),) if has_any else ()


def render_given(showing: Showing, notice: ReportLinkGiven) -> Screen | None:
    """Show the link, until when it works, and what it can be traced by."""
    link = reportlinks.look(showing.work, notice.link_id)
    if link is None:
        return None
    text = showing.say(
        "report-link-given",
        link=link_of(showing, notice.token),
        number=number_of(link.id),
        day=showing.day(link.expires_at),
    )
    return Screen(text, _ending(showing, notice.token))


def render_opened(showing: Showing, notice: ReportLinkOpened) -> Screen | None:
    """Say what can be done here, and what it can be traced by."""
    if reportlinks.look(showing.work, notice.link_id) is None:
        return None
    text = showing.say("report-link-opened", number=number_of(notice.link_id))
    return Screen(text, _ending(showing, ""))


def _ending(showing: Showing, token: str) -> Rows:
    return ((showing.button("button-report-link-end", EndReportLink(token)),),)


# ---------------------------------------------------------------- organizers


def press_list(request: Request, press: ReportLinksPress) -> str | None:
    """Show an event's links in numbers."""
    reportlinks.show(request.turn, EventId(press.event_id), press.page)
    return None


def press_stop(request: Request, press: StopReportLink) -> str | None:
    """Stop one."""
    reportlinks.stop(request.turn, press.link_id)
    return "report-link-stopped"


def press_ask_all(request: Request, press: AskStopReportLinks) -> str | None:
    """Ask once more."""
    request.turn.reply(ReportLinkQuestion(EventId(press.event_id)))
    return None


def press_stop_all(request: Request, press: StopReportLinks) -> str | None:
    """Stop all."""
    reportlinks.stop_all(request.turn, EventId(press.event_id))
    return "report-link-stopped"


def list_row(showing: Showing, event_id: EventId | None) -> Rows:
    """Give the way to an event's links, where there are any."""
    if event_id is None or not reportlinks.list_at(showing.work, event_id):
        return ()
    return ((showing.button("button-report-links", ReportLinksPress(event_id)),),)


def render_list(showing: Showing, notice: ReportLinkList) -> Screen | None:
    """Show how many there are and how many were used; each of these can be stopped."""
    found = reportlinks.list_at(showing.work, notice.event_id)
    if not found:
        return Screen(showing.say("report-links-none"))
    used = [one for one in found if one.reports]
    lines = [
        showing.count("report-links", len(found), used=len(used)),
        showing.say("report-links-until", day=showing.day(found[0].expires_at)),
    ]
    lines += [
        showing.count("report-links-used", one.reports, link=number_of(one.id))
        for one in used[:SHOWN]
    ]
    page = cut(used[:SHOWN], notice.page, beside=2)
    stops = [
        showing.button("button-report-link-stop", StopReportLink(one.id), number=number_of(one.id))
        for one in page.items
    ]
    rows = (
        *paging.in_rows(stops, IN_A_ROW),
        *paging.turns(showing, page, partial(ReportLinksPress, notice.event_id)),
        (showing.button("button-report-links-stop", AskStopReportLinks(notice.event_id)),),
        (showing.button("button-back", IncidentPage(notice.event_id, 0)),),
    )
    return Screen("\n".join(lines), rows)


def render_question(showing: Showing, notice: ReportLinkQuestion) -> Screen | None:
    """Ask whether all shall stop."""
    number = len(reportlinks.list_at(showing.work, notice.event_id))
    rows = (
        (showing.button("button-report-links-stop-yes", StopReportLinks(notice.event_id)),),
        (showing.button("button-cancel", ReportLinksPress(notice.event_id)),),
    )
    return Screen(showing.count("report-links-stop-ask", number), rows)
