"""The one report that a chat is in the middle of, for as long as things may still join it."""

from datetime import datetime

from safety.people import ChatId, EventId
from safety.records import IncidentGroup
from safety.reportdays import ReportDay
from safety.reports import OpenReport, ReportQuestion
from storage.chats import chat_digest
from storage.moments import from_row, to_row
from storage.transaction import Transaction

_REPORT = (
    "SELECT report_id, incident_id, event_id, question, chosen, until FROM open_reports WHERE "
)


def put(tx: Transaction, chat_id: ChatId, report: OpenReport) -> None:
    """Store the report of this chat, in place of any other."""
    tx.run(
        "INSERT OR REPLACE INTO open_reports "
        "(chat, report_id, incident_id, event_id, question, chosen, until) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        chat_digest(tx, chat_id),
        report.report_id,
        report.incident_id,
        report.event_id,
        report.question.value,
        None if report.chosen is None else report.chosen.value,
        to_row(report.until),
    )


def of_chat(tx: Transaction, chat_id: ChatId, now: datetime) -> OpenReport | None:
    """Give the report that what comes from this chat joins now, or None."""
    return _find(tx, "chat = ? AND until > ?", chat_digest(tx, chat_id), to_row(now))


def unfinished_of(tx: Transaction, chat_id: ChatId) -> OpenReport | None:
    """Give the report of this chat that has a question open, however long ago, or None."""
    digest = chat_digest(tx, chat_id)
    return _find(tx, "chat = ? AND question <> ?", digest, ReportQuestion.END.value)


def get(tx: Transaction, report_id: int) -> OpenReport | None:
    """Give a report of which it is known where it came from, or None."""
    return _find(tx, "report_id = ?", report_id)


def _find(tx: Transaction, where: str, *parameters: bytes | int | str) -> OpenReport | None:
    row = tx.one(tuple[int, int, int | None, str, str | None, int], _REPORT + where, *parameters)
    if row is None:
        return None
    report_id, incident_id, event, question, chosen, until = row
    return OpenReport(
        report_id,
        incident_id,
        None if event is None else EventId(event),
        ReportQuestion(question),
        None if chosen is None else IncidentGroup(chosen),
        from_row(until),
    )


def close(tx: Transaction, report_id: int) -> None:
    """Forget which chat a report came from."""
    tx.run("DELETE FROM open_reports WHERE report_id = ?", report_id)


def day_of(tx: Transaction, chat_id: ChatId) -> ReportDay | None:
    """Give how much was told from this chat lately, or None."""
    row = tx.one(
        tuple[int | None, int, int, int],
        "SELECT event_id, at, spent, refused FROM report_days WHERE chat = ?",
        chat_digest(tx, chat_id),
    )
    if row is None:
        return None
    event_id, at, spent, refused = row
    at_event = None if event_id is None else EventId(event_id)
    return ReportDay(at_event, from_row(at), spent, refused)


def keep_day(tx: Transaction, chat_id: ChatId, day: ReportDay) -> None:
    """Keep how much was told from this chat."""
    tx.run(
        "INSERT OR REPLACE INTO report_days (chat, event_id, at, spent, refused) "
        "VALUES (?, ?, ?, ?, ?)",
        chat_digest(tx, chat_id),
        day.event_id,
        to_row(day.at),
        day.spent,
        day.refused,
    )


def refused_since(tx: Transaction, event_id: EventId | None, since: datetime) -> int:
    """Count what was not taken at an event from chats in which something was told later."""
    sql = "SELECT COALESCE(SUM(refused), 0) FROM report_days WHERE event_id IS ? AND at > ?"
    return tx.number(sql, event_id, to_row(since))


def forget_days(tx: Transaction, before: datetime) -> None:
    """Forget how much was told from chats where the last of it was earlier."""
    tx.run("DELETE FROM report_days WHERE at <= ?", to_row(before))


def forget_chat(tx: Transaction, chat_id: ChatId) -> None:
    """Forget that anything came from this chat."""
    tx.run("DELETE FROM open_reports WHERE chat = ?", chat_digest(tx, chat_id))
