"""Links for reporting, with nobody behind them; and which chat has opened one within the hour."""

from datetime import datetime

from safety.forms import form_tag
from safety.people import ChatId, EventId
from safety.reportlinks import ReportLink, reporter_tag
from safety.reports import REPORT_FORM
from storage import forms
from storage.chats import chat_digest
from storage.moments import from_row, to_row
from storage.transaction import Transaction

_COLUMNS = "id, event_id, expires_at, reports, spent, spent_since, refused"
_LINK = f"SELECT {_COLUMNS} FROM report_links WHERE "  # noqa: S608 - our own words


def put(tx: Transaction, link: ReportLink) -> None:
    """Store a link, new or changed."""
    tx.run(
        f"INSERT OR REPLACE INTO report_links ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own words
        link.id,
        link.event_id,
        to_row(link.expires_at),
        link.reports,
        link.spent,
        0 if link.spent_since is None else to_row(link.spent_since),
        link.refused,
    )


def get(tx: Transaction, link_id: int) -> ReportLink | None:
    """Give a link, or None once it is stopped or over."""
    return next(iter(_find(tx, "id = ?", link_id)), None)


def of_event(tx: Transaction, event_id: EventId) -> list[ReportLink]:
    """Give all links of an event, in no order that says anything."""
    return _find(tx, "event_id = ? ORDER BY id", event_id)


def remove(tx: Transaction, link_id: int) -> bool:
    """Forget a link, and which chats have opened it; say whether there was one."""
    end_all(tx, link_id)
    return tx.run("DELETE FROM report_links WHERE id = ?", link_id) > 0


def forget_old(tx: Transaction, now: datetime) -> None:
    """Drop links whose time is over."""
    for link in _find(tx, "expires_at <= ?", to_row(now)):
        remove(tx, link.id)


def begin(tx: Transaction, chat_id: ChatId, link_id: int) -> int:
    """Note that a chat has opened a link, in place of any other; give the row's number."""
    row, digest = tx.new_id(), chat_digest(tx, chat_id)
    sql = "INSERT OR REPLACE INTO report_chats (chat, id, link_id) VALUES (?, ?, ?)"
    tx.run(sql, digest, row, link_id)
    return row


def of_chat(tx: Transaction, chat_id: ChatId) -> tuple[int, int] | None:
    """Give the row of a chat that has opened a link within the hour, and the link; or None."""
    sql = "SELECT id, link_id FROM report_chats WHERE chat = ?"
    return tx.one(tuple[int, int], sql, chat_digest(tx, chat_id))


def end(tx: Transaction, row: int) -> list[str]:
    """Forget which chat it was, and what it was in the middle of; give the tags of what goes.

    An answer to an open question would come from whoever else they are here, so that goes, too.
    """
    return _end_chats(tx, "id = ?", row)


def end_all(tx: Transaction, link_id: int) -> list[str]:
    """Forget which chats have opened a link; give the tags of what goes there."""
    return _end_chats(tx, "link_id = ?", link_id)


def _end_chats(tx: Transaction, where: str, number: int) -> list[str]:
    tags = []
    tx.effects.forgets = True  # who it was, from the log as well
    sql = f"SELECT id, chat FROM report_chats WHERE {where}"  # noqa: S608 - our own words
    for row, chat in tx.all(tuple[int, bytes], sql, number):
        tx.run("DELETE FROM open_reports WHERE chat = ?", chat)
        tx.run("DELETE FROM report_chats WHERE chat = ?", chat)
        draft = forms.take(tx, chat, REPORT_FORM)
        tags += [reporter_tag(row), *([] if draft is None else [form_tag(draft.id)])]
    return tags


def _find(tx: Transaction, where: str, *parameters: int) -> list[ReportLink]:
    rows = tx.all(tuple[int, int, int, int, int, int, int], _LINK + where, *parameters)
    return [
        ReportLink(
            link_id,
            EventId(event_id),
            from_row(expires_at),
            reports,
            spent,
            from_row(since) if since else None,
            refused,
        )
        for link_id, event_id, expires_at, reports, spent, since, refused in rows
    ]
