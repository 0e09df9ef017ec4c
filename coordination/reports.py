"""`/report`: an incident is open from the first message on; every answer after it is one more tap.

Whoever belongs to an event may report, and the team without one. Nothing that was said is lost
when somebody stops in the middle: each answer is recorded as it comes.
"""

from dataclasses import replace

from coordination import chats, drafts, evidence, incidents
from coordination.turns import Turn, Work, use_case
from safety import reports as rules
from safety.errors import OutdatedError, RefusalError
from safety.events import current
from safety.evidence import Media
from safety.facts import Fact, FactKind
from safety.incidents import IncidentKind, IncidentNews
from safety.people import ChatId, EventId, PersonId, Role
from safety.permissions import Action
from safety.records import IncidentGroup
from safety.reports import (
    JOINS_FOR,
    REPORT_FORM,
    OpenReport,
    ReportCard,
    ReportCloses,
    ReportQuestion,
)
from storage import events, reports, team


@use_case(Action.REPORT)
def report(turn: Turn, words: str = "") -> OpenReport:
    """Open a report with what was written, if anything was; the organizers learn that it came."""
    event_id = _event_of(turn)
    report_id = turn.tx.new_id()
    incident = incidents.incident_of(turn, event_id, report_id, IncidentKind.REPORT)
    opened = OpenReport(
        report_id,
        incident.id,
        incident.event_id,
        ReportQuestion.GROUP,
        None,
        turn.now + JOINS_FOR,
    )
    _keep(turn, opened)
    _record(turn, opened, *((("text", words),) if words else ()))
    for person, recipient in team.reachable(turn.tx, (Role.ORGANIZER,)):
        if person.id != turn.actor.team_id:
            turn.owe(recipient, IncidentNews(incident.id), incident.event_id)
    return opened


def open_report_of(turn: Turn) -> OpenReport | None:
    """Give the report that the actor is in the middle of, or None.

    Whoever was just asked what happened, and sends a file, has answered: that opens the report.
    """
    chat_id = turn.actor.recipient.chat_id
    draft = drafts.current(turn, chat_id)
    if draft is not None and draft.form == REPORT_FORM:
        drafts.end(turn, draft)
        return report(turn)
    return reports.of_chat(turn.tx, chat_id, turn.now)


@use_case(Action.REPORT)
def add_words(turn: Turn, words: str, message_id: int | None) -> bool:
    """Let a text join the open report and leave the chat; say whether there is one to join."""
    opened = reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)
    if opened is None:
        return False
    _keep(turn, opened)
    _record(turn, opened, ("text", words))
    chats.take_away(turn, message_id)
    return True


@use_case(Action.REPORT)
def report_file(turn: Turn, media: Media, message_id: int, words: str = "") -> None:
    """Let a file, and what was written under it, join the open report, or be one by itself.

    Raises:
        RefusalError: another question is open, and the file could be meant for that.
    """
    opened = open_report_of(turn)
    if opened is None:
        if drafts.current(turn, turn.actor.recipient.chat_id) is not None:
            raise RefusalError("report-question-first")
        opened = report(turn)
    _keep(turn, opened)
    if words:
        _record(turn, opened, ("text", words))
    evidence.keep_media(turn, media, opened.event_id, opened.report_id, message_id)


@use_case(Action.REPORT)
def answer(turn: Turn, report_id: int, question: ReportQuestion, value: str | None) -> None:
    """Take one tap, or pass a question over (`value` None).

    Raises:
        OutdatedError: another question is open, or none, or there is no such answer.
    """
    opened = reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)
    if opened is None or (opened.report_id, opened.question) != (report_id, question):
        raise OutdatedError
    if value is not None:
        if value not in rules.choices(question, opened.chosen):
            raise OutdatedError
        _record(turn, opened, (question.value, value))
    is_group = question is ReportQuestion.GROUP and value is not None
    chosen = IncidentGroup(value) if is_group and value is not None else opened.chosen
    following = rules.following(question, value)
    _keep(turn, replace(opened, question=following, chosen=chosen))


@use_case(Action.REPORT)
def finish(turn: Turn, report_id: int) -> None:
    """Close the report: nothing joins it any more, and its card leaves the chat.

    Raises:
        OutdatedError: it is closed already, or somebody else's.
    """
    opened = reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)
    if opened is None or opened.report_id != report_id:
        raise OutdatedError
    turn.cancel_timer(ReportCloses(report_id))
    close(turn, ReportCloses(report_id))


def close(work: Work, timer: ReportCloses) -> None:
    """The hour is over, or the person is done: forget which chat the report came from."""
    reports.close(work.tx, timer.report_id)
    work.remove_tagged(rules.report_tag(timer.report_id))


def look(work: Work, chat_id: ChatId, report_id: int) -> OpenReport | None:
    """Give the report as it stands in this chat, or None when it is closed."""
    found = reports.of_chat(work.tx, chat_id, work.now)
    return found if found is not None and found.report_id == report_id else None


def _event_of(turn: Turn) -> EventId | None:
    """A participant reports at their own event, the team at the one that is on or next."""
    mine = {one.event_id for one in turn.actor.participations}
    if turn.actor.team_id is not None:
        event = current(events.open_events(turn.tx), turn.now)
    else:
        found = [events.get(turn.tx, event_id) for event_id in sorted(mine)]
        event = current([one for one in found if one is not None], turn.now)
    if event is not None:
        return event.id
    return max(mine, default=None)


def _keep(turn: Turn, opened: OpenReport) -> None:
    until = turn.now + JOINS_FOR
    reports.put(turn.tx, turn.actor.recipient.chat_id, replace(opened, until=until))
    turn.set_timer(until, ReportCloses(opened.report_id), opened.event_id)
    turn.tell(ReportCard(opened.report_id), opened.event_id)


def _record(turn: Turn, opened: OpenReport, *details: tuple[str, str]) -> None:
    person_id = _person_of(turn, opened.event_id)
    turn.record(
        Fact(
            FactKind.REPORT,
            turn.now,
            opened.report_id,
            opened.event_id,
            by_person=person_id,
            by_team=turn.actor.team_id if person_id is None else None,
            details=details,
        )
    )


def _person_of(turn: Turn, event_id: EventId | None) -> PersonId | None:
    mine = (one.person_id for one in turn.actor.participations if one.event_id == event_id)
    return next(mine, None)
