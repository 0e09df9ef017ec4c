"""The one report that a chat is in the middle of, for as long as things may still join it."""

from datetime import datetime

from safety.people import ChatId, EventId
from safety.records import IncidentGroup
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


def forget_chat(tx: Transaction, chat_id: ChatId) -> None:
    """Forget that anything came from this chat."""
    tx.run("DELETE FROM open_reports WHERE chat = ?", chat_digest(tx, chat_id))
