"""`/purge`: which people are still known, what forgetting them means, and the receipt."""

from coordination import retention, team
from handlers import legalhold, paging
from handlers.buttons import pack
from handlers.buttons.retention import AskPurge, PurgePage, ShowPurge
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from handlers.team import name_of
from safety.errors import OutdatedError
from safety.paging import cut
from safety.people import EventId
from safety.retention import (
    PurgeEvent,
    PurgeList,
    PurgeReceipt,
    PurgeScreen,
    Receipt,
    RetentionNews,
)

LONGEST_LABEL = 40  # characters of a button


def show_list(request: Request) -> None:
    """Show the events whose people are still known."""
    request.turn.reply(PurgeList())


def press_page(request: Request, press: PurgePage) -> None:
    """Show another page of them."""
    request.turn.reply(PurgeList(press.page))


def press_show(request: Request, press: ShowPurge) -> str | None:
    """Show what would be forgotten.

    Raises:
        OutdatedError: nobody of it is known any more.
    """
    event = retention.look(request.turn, press.event_id)
    if event is None:
        raise OutdatedError
    request.turn.reply(PurgeScreen(event.id), event.id)
    return None


def press_ask(request: Request, press: AskPurge) -> str | None:
    """Propose it to the others."""
    retention.ask_to_purge(request.turn, press.event_id)
    return "purge-asked"


def proposal_values(showing: Showing, intent: PurgeEvent) -> dict[str, str | int]:
    """Fill the sentence on the card that a second person confirms: numbers, nobody's name."""
    return {
        "title": _title(showing, intent.event_id),
        "people": retention.count_people(showing.work, intent.event_id),
        "ends": "".join(f"\n{line}" for line in _what_ends(showing, intent.event_id)),
    }


def render_list(showing: Showing, notice: PurgeList) -> Screen | None:
    """Show a button for each event whose people are known."""
    found = retention.list_known(showing.work)
    if not found:
        return Screen(showing.say("purge-nothing"))
    page = cut(found, notice.page)
    rows = (
        (Press(event.title[:LONGEST_LABEL], pack(ShowPurge(event.id))),) for event in page.items
    )
    turns = paging.turns(showing, page, PurgePage)
    return Screen(showing.say("purge-choose"), (*rows, *turns))


def render_screen(showing: Showing, notice: PurgeScreen) -> Screen | None:
    """Show what goes and what stays, in numbers."""
    event = retention.look(showing.work, notice.event_id)
    if event is None:
        return None
    due_at = retention.due_at(showing.work, event)
    lines = [
        showing.say("purge-title", title=event.title),
        showing.count("purge-people", retention.count_people(showing.work, event.id)),
        showing.say("purge-meaning"),
    ]
    lines += _what_ends(showing, event.id)
    hold_row = legalhold.row(showing, event)
    back = (showing.button("button-back", PurgePage(0)),)
    if event.legal_hold is not None:
        lines += legalhold.lines(showing, event, event.legal_hold)
        return Screen("\n\n".join(lines), (hold_row, back))
    lines.append(showing.say("purge-rule", day=showing.day(due_at, event.tzinfo)))
    row = (showing.button("button-purge", AskPurge(event.id)),)
    return Screen("\n\n".join(lines), (row, hold_row, back))


def _what_ends(showing: Showing, event_id: EventId) -> list[str]:
    """Say what goes on now and would end unseen: who has not seen it must not agree to it."""
    lines = []
    if retention.has_open_alarm(showing.work, event_id):
        lines.append(showing.say("purge-alarm"))
    held = retention.count_held(showing.work, event_id)
    if held:
        lines.append(showing.count("purge-held", held))
    files = retention.count_unfetched(showing.work, event_id)
    if files:
        lines.append(showing.count("purge-files", files))
    return lines


def render_receipt(showing: Showing, notice: PurgeReceipt) -> Screen | None:
    """Show what was destroyed, when, by whom, and the log's checkpoint that covers the receipt."""
    receipt = retention.receipt(showing.work, notice.receipt_id)
    if receipt is None:
        return None
    lines = [
        showing.say("purge-done", day=showing.day(receipt.at), time=showing.time(receipt.at)),
        showing.say("purge-done-title", title=receipt.title),
        _by(showing, receipt),
        *_counts(showing, receipt),
        *_keys(showing, receipt),
        *_disk(showing),
        showing.say("purge-copies"),
    ]
    if receipt.is_epoch_owed:
        lines.append(showing.say("purge-epoch-owed"))
    if receipt.checkpoint is not None:
        lines.append(showing.say("purge-checkpoint", note=receipt.checkpoint.strip()))
    return Screen("\n".join(lines))


def _counts(showing: Showing, receipt: Receipt) -> list[str]:
    return [
        showing.count("purge-count-people", receipt.people),
        showing.count("purge-count-invitations", receipt.invitations),
        showing.count("purge-count-messages", receipt.messages),
        showing.count("purge-count-withdrawn", receipt.withdrawn),
        showing.count("purge-count-rows", receipt.other_rows),
    ]


def _keys(showing: Showing, receipt: Receipt) -> list[str]:
    if retention.are_keys_left(showing.work, receipt.event_id):
        return [showing.say("purge-keys-left")]
    return [showing.count("purge-count-keys", receipt.keys), showing.say("purge-keys-gone")]


def _disk(showing: Showing) -> list[str]:
    """Promise nothing that such a disk cannot keep."""
    return [] if showing.work.policy.overwrites_in_place else [showing.say("purge-disk-keeps")]


def _by(showing: Showing, receipt: Receipt) -> str:
    if receipt.by_rule:
        return showing.say("purge-by-rule")
    first, second = (
        None if team_id is None else team.look(showing.work, team_id)
        for team_id in (receipt.proposed_by, receipt.confirmed_by)
    )
    if first is None or second is None:
        return showing.say("purge-by-two")
    names = {"first": name_of(showing, first), "second": name_of(showing, second)}
    return showing.say("purge-by-both", **names)


def render_news(showing: Showing, notice: RetentionNews) -> Screen | None:
    """Say when the rule will forget an event's people."""
    event = retention.look(showing.work, notice.event_id)
    if event is None:
        return None
    day = showing.day(notice.due_at, event.tzinfo)
    time = showing.time(notice.due_at, event.tzinfo)
    row = (showing.button("button-show", ShowPurge(event.id)),)
    text = showing.say("retention-news", title=event.title, day=day, time=time)
    return Screen(text, (row,))


def _title(showing: Showing, event_id: EventId) -> str:
    return retention.title_of(showing.work, event_id) or showing.plain("unknown")
