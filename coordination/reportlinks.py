"""Links for reporting: given once, opened by whoever has them, ended by either side.

No row says who took one. Whoever opens one is known by its number for an hour after the last thing
they sent, and can report and add files, nothing else.
"""

from datetime import datetime

from coordination import chats
from coordination.turns import Turn, Work, use_case
from safety import reportlinks as rules
from safety.errors import OutdatedError, RefusalError
from safety.people import ChatId, EventId, PersonId, Standing
from safety.permissions import Action
from safety.purges import Purged
from safety.reportlinks import (
    ReporterGone,
    ReportLink,
    ReportLinkGiven,
    ReportLinkList,
    ReportLinkOpened,
)
from safety.reports import JOINS_FOR
from storage import events, people, purges, reportlinks, routes, timers, tokens
from storage.tokens import Grant, Purpose

# ---------------------------------------------------------------- whose it is


@use_case(Action.TAKE_REPORT_LINK)
def give(turn: Turn, event_id: EventId) -> None:
    """Make a link and give it; nothing that is stored leads from it to the actor.

    Raises:
        OutdatedError: the actor is not of this event.
        RefusalError: one stands in the chat still, or there are too many, or the time is over.
    """
    if not may_take(turn, turn.actor.recipient.chat_id, event_id):
        raise OutdatedError
    if chats.is_card_shown(turn, rules.GIVEN):
        raise RefusalError("report-link-there")
    event = events.get(turn.tx, event_id)
    if event is None:
        raise OutdatedError
    known = reportlinks.of_event(turn.tx, event_id)
    until = known[0].expires_at if known else rules.expires_at(event, turn.policy)
    if until <= turn.now or len(known) >= rules.MOST_LINKS:
        raise RefusalError("report-link-none")
    link = ReportLink(_new_id(turn, known), event_id, until)
    reportlinks.put(turn.tx, link)
    token = tokens.issue(turn.tx, Purpose.REPORT, link.id, until)  # it outlives the event's own
    turn.tell(ReportLinkGiven(link.id, token))


def open_link(turn: Turn, grant: Grant) -> bool:
    """Let the actor's chat report through a link for the next hour; say whether it works."""
    chat_id = turn.actor.recipient.chat_id
    if reportlinks.get(turn.tx, grant.subject_id) is None:
        return False
    known = reportlinks.of_chat(turn.tx, chat_id)
    if known is not None:
        _forget_chat(turn, known[0])
    row = reportlinks.begin(turn.tx, chat_id, grant.subject_id)
    turn.set_timer(turn.now + JOINS_FOR, ReporterGone(row))
    turn.tell(ReportLinkOpened(grant.subject_id))
    return True


def spend(turn: Turn, weight: int, *, is_report: bool) -> None:
    """Count what comes through a link; nothing where the actor came by none.

    Raises:
        RefusalError: it is too much for one day.
    """
    known = reportlinks.of_chat(turn.tx, turn.actor.recipient.chat_id)
    link = None if known is None else reportlinks.get(turn.tx, known[1])
    if known is None or link is None:
        return
    others = reportlinks.of_event(turn.tx, link.event_id)
    spent_by_all = sum(one.spent_at(turn.now) for one in others)
    spent = rules.spend(link, turn.now, spent_by_all, weight, is_report=is_report)
    if spent is link:
        raise RefusalError(rules.ENOUGH)
    reportlinks.put(turn.tx, spent)
    turn.set_timer(turn.now + JOINS_FOR, ReporterGone(known[0]))


def note_refused(turn: Turn) -> None:
    """Count that something more came through the actor's link than a day takes."""
    known = reportlinks.of_chat(turn.tx, turn.actor.recipient.chat_id)
    link = None if known is None else reportlinks.get(turn.tx, known[1])
    if link is not None:
        reportlinks.put(turn.tx, rules.refuse(link))


def used_at(turn: Turn) -> datetime | None:
    """Give when the actor opened, or last used, the link they came by; None: they came by none."""
    known = reportlinks.of_chat(turn.tx, turn.actor.recipient.chat_id)
    over_at = None if known is None else timers.moment_of(turn.tx, ReporterGone(known[0]))
    return None if over_at is None else over_at - JOINS_FOR


def event_of(work: Work, link_id: int) -> EventId | None:
    """Give the event to which a link belongs, or None once it is stopped."""
    link = reportlinks.get(work.tx, link_id)
    return None if link is None else link.event_id


@use_case(Action.REPORT)
def end(turn: Turn, token: str) -> None:
    """End a link by its token; without one, the link by which the actor came.

    Raises:
        OutdatedError: it is ended already, or none.
    """
    link_id = _link_of(turn, token) if token else turn.actor.link_id
    if link_id is None or not _stop(turn, link_id):
        raise OutdatedError


def forget_chat(work: Work, timer: ReporterGone) -> None:
    """The hour is over: nobody knows any more which chat it was."""
    _forget_chat(work, timer.chat_row)


# ---------------------------------------------------------------- organizers


@use_case(Action.STOP_REPORT_LINKS)
def show(turn: Turn, event_id: EventId, page: int = 0) -> None:
    """Show the links of an event in numbers."""
    turn.reply(ReportLinkList(event_id, page))


@use_case(Action.STOP_REPORT_LINKS)
def stop(turn: Turn, link_id: int) -> None:
    """Stop one link for good.

    Raises:
        OutdatedError: it is stopped already.
    """
    event_id = event_of(turn, link_id)
    if event_id is None or not _stop(turn, link_id):
        raise OutdatedError
    turn.reply(ReportLinkList(event_id))


@use_case(Action.STOP_REPORT_LINKS)
def stop_all(turn: Turn, event_id: EventId) -> None:
    """Stop every link of an event for good; again: there are none."""
    for link in reportlinks.of_event(turn.tx, event_id):
        _stop(turn, link.id)
    turn.reply(ReportLinkList(event_id))


# ---------------------------------------------------------------- looking


def list_at(work: Work, event_id: EventId) -> list[ReportLink]:
    """Give the links of an event that work."""
    return reportlinks.of_event(work.tx, event_id)


def look(work: Work, link_id: int) -> ReportLink | None:
    """Give a link, or None once it is stopped."""
    return reportlinks.get(work.tx, link_id)


def may_take(work: Work, chat_id: ChatId, event_id: EventId) -> bool:
    """Say whether whoever reads this chat is approved at this event, and came by no link."""
    if reportlinks.of_chat(work.tx, chat_id) is not None:
        return False
    holders = (
        one.holder_id for one in routes.of_chat(work.tx, chat_id) if one.event_id == event_id
    )
    found = (people.situation(work.tx, PersonId(holder)) for holder in holders)
    return any(one is not None and one.standing is Standing.APPROVED for one in found)


# ---------------------------------------------------------------- inside


def _new_id(turn: Turn, known: list[ReportLink]) -> int:
    """Give a random number whose last digits no other link of the event has."""
    taken = {rules.number_of(one.id) for one in known}
    while True:
        link_id = turn.tx.new_id()
        if rules.number_of(link_id) not in taken:
            return link_id


def _link_of(work: Work, token: str) -> int | None:
    grant = tokens.look_up(work.tx, work.now, token)
    if grant is None or grant.purpose is not Purpose.REPORT:
        return None
    return grant.subject_id


def _stop(work: Work, link_id: int) -> bool:
    """Forget a link, from copies elsewhere as well; say whether there was one."""
    _take_away(work, reportlinks.end_all(work.tx, link_id))
    if not reportlinks.remove(work.tx, link_id):
        return False
    tokens.revoke(work.tx, link_id)
    purges.note(work.tx, work.now, Purged.REPORT_LINK, link_id)
    return True


def _forget_chat(work: Work, row: int) -> None:
    work.cancel_timer(ReporterGone(row))
    _take_away(work, reportlinks.end(work.tx, row))


def _take_away(work: Work, tags: list[str]) -> None:
    """Have what was told to whoever came by a link leave their chats."""
    for tag in tags:
        work.remove_tagged(tag)
