"""`/report`: an incident is open from the first message on; every answer after it is one more tap.

Whoever belongs to an event may report, and the team without one. Nothing that was said is lost
when somebody stops in the middle: each answer is recorded as it comes, and they can go on later.
"""

from collections.abc import Iterable
from dataclasses import replace

from coordination import (
    audience,
    chats,
    drafts,
    evidence,
    incidents,
    liveplaces,
    reportlinks,
)
from coordination.turns import Turn, Work, use_case
from safety import reportdays
from safety import reportlinks as reportlink_rules
from safety import reports as rules
from safety.errors import OutdatedError, RefusalError
from safety.events import current
from safety.evidence import Media, is_fetchable
from safety.facts import Fact, FactKind
from safety.incidents import Incident, IncidentKind, IncidentNews
from safety.liveplaces import MOST_POSITIONS, SentPlace
from safety.notices import Say
from safety.people import ChatId, EventId, PersonId
from safety.permissions import Action
from safety.records import IncidentGroup, IncidentType
from safety.reportdays import DAY, REPORT_WEIGHS, weight_of
from safety.reports import (
    JOINS_FOR,
    REPORT_FORM,
    OpenReport,
    Phase,
    ReportCard,
    ReportCloses,
    ReportOffer,
    ReportQuestion,
)
from storage import events, reports


@use_case(Action.REPORT)
def report(turn: Turn, words: str = "") -> OpenReport:
    """Open a report with what was written, if anything was; the organizers learn that it came."""
    _spend(turn, REPORT_WEIGHS, is_report=True)
    opened = _open(turn, _event_of(turn), IncidentKind.REPORT, ReportQuestion.QUICK)
    _record(turn, opened, *((("text", words),) if words else ()))
    return opened


@use_case(Action.REPORT)
def report_at_once(turn: Turn, words: str, media: Media | None, message_id: int | None) -> None:
    """Report what came with the command itself: whoever has said it is asked nothing before."""
    _end_question(turn)
    report(turn, words)
    if media is None or message_id is None:
        chats.take_away(turn, message_id)
    else:
        report_file(turn, media, message_id)


@use_case(Action.REPORT)
def tell_of_visit(turn: Turn, event_id: EventId) -> None:
    """Open a report by one tap, days after the event: somebody came, or was summoned.

    Raises:
        OutdatedError: the actor is not of this event.
    """
    if _person_of(turn, event_id) is None:
        raise OutdatedError
    opened = reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)
    known = None if opened is None else incidents.look(turn, opened.incident_id)
    if opened is not None and known is not None and known.kind is IncidentKind.AFTERMATH:
        _keep(turn, opened)
        return
    _spend(turn, REPORT_WEIGHS, is_report=True)
    opened = _open(turn, event_id, IncidentKind.AFTERMATH, ReportQuestion.WHEN)
    kind = ("type", IncidentType.FOLLOW_UP_VISIT.value)
    _record(turn, opened, kind, ("asked", "how-are-you"), what=FactKind.VISIT)


def open_report_of(turn: Turn) -> OpenReport | None:
    """Give the report that the actor is in the middle of, or None.

    Whoever was just asked what happened, and sends a file, has answered: that opens the report.
    """
    if _end_question(turn):
        return report(turn)
    return reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)


@use_case(Action.REPORT)
def add_words(turn: Turn, words: str, message_id: int | None) -> bool:
    """Let a text join the open report and leave the chat; say whether there is one to join.

    Whoever came by a link for reporting came to report: their words are one by themselves.
    """
    opened = reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now)
    if opened is not None:
        _spend(turn)
        _keep_anew(turn, opened)
        _record(turn, opened, ("text", words))
    elif turn.actor.link_id is not None:
        report(turn, words)
    else:
        return False
    chats.take_away(turn, message_id)
    return True


@use_case(Action.REPORT)
def add_change(turn: Turn, words: str, message_id: int | None) -> None:
    """Let a text that was changed join the open report beside what it said before."""
    if reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now) is not None:
        add_words(turn, words, message_id)


@use_case(Action.REPORT)
def add_place(turn: Turn, sent: SentPlace) -> bool:
    """Let a place join the open report, or be one by itself; say whether there is any.

    A live one is followed in silence, however long ago the report was. Not through a link: where
    somebody walks, and sleeps, says who they are.
    """
    if sent.is_move:
        return _follow_place(turn, sent)
    opened = open_report_of(turn)
    if opened is None:
        return False
    _spend(turn)
    _keep_anew(turn, opened)
    words = (("text", sent.words),) if sent.words else ()
    _record(turn, opened, ("location", sent.written), *words)
    if turn.actor.link_id is None:
        liveplaces.keep(turn, sent, opened.report_id, opened.event_id)
    else:
        chats.take_away(turn, sent.message_id)
    return True


def _follow_place(turn: Turn, sent: SentPlace) -> bool:
    """Keep a later position with the report that the place was sent with; of too many, no more."""
    followed = liveplaces.followed(turn, sent)
    if followed is None or turn.actor.link_id is not None:
        return False
    if followed.positions >= MOST_POSITIONS:
        chats.take_away(turn, sent.message_id)
        turn.tell(Say("report-place-enough"), followed.event_id)
        return True
    subject_id, event_id = followed.subject_id, followed.event_id
    _state(turn, FactKind.LOCATION, subject_id, event_id, ("location", sent.written))
    liveplaces.keep(turn, sent, subject_id, event_id, followed)
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
    _spend(turn, weight_of(media.size) if is_fetchable(media) else 1)
    _keep(turn, opened)
    if words:
        _record(turn, opened, ("text", words))
    link_id, subject = turn.actor.link_id, opened.report_id
    evidence.keep_media(turn, media, opened.event_id, subject, message_id, link_id=link_id)


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
        if not rules.may_answer(question, opened.chosen, value):
            raise OutdatedError
        _record_answer(turn, opened, question, value)
    is_group = question is ReportQuestion.GROUP and value is not None
    chosen = IncidentGroup(value) if is_group and value is not None else opened.chosen
    following = rules.following(question, value)
    _keep(turn, replace(opened, question=following, chosen=chosen))


@use_case(Action.REPORT)
def offer(turn: Turn) -> None:
    """Offer to go on with the report that is not finished, if there is one."""
    opened = reports.unfinished_of(turn.tx, turn.actor.recipient.chat_id)
    if opened is not None:
        turn.tell(ReportOffer(opened.report_id), opened.event_id)


@use_case(Action.REPORT)
def go_on(turn: Turn, report_id: int) -> None:
    """Ask the open question of a report anew; what comes within the hour joins it again.

    Raises:
        OutdatedError: it is finished, or somebody else's.
    """
    chat_id = turn.actor.recipient.chat_id
    opened = reports.unfinished_of(turn.tx, chat_id)
    if opened is None or opened.report_id != report_id:
        raise OutdatedError
    _end_question(turn)
    _keep_anew(turn, opened)


@use_case(Action.REPORT)
def finish(turn: Turn, report_id: int) -> None:
    """Close the report: nothing joins it any more, and its card leaves the chat.

    Raises:
        OutdatedError: it is closed already, or somebody else's.
    """
    chat_id = turn.actor.recipient.chat_id
    mine = (reports.of_chat(turn.tx, chat_id, turn.now), reports.unfinished_of(turn.tx, chat_id))
    if not any(one is not None and one.report_id == report_id for one in mine):
        raise OutdatedError
    _close(turn, report_id)


def close(work: Work, timer: ReportCloses) -> None:
    """The hour is over, or the day: its card goes, and at last which chat it came from."""
    opened = reports.get(work.tx, timer.report_id)
    if opened is None or opened.kept_until <= work.now:
        _close(work, timer.report_id)
    else:
        work.remove_tagged(rules.report_tag(timer.report_id))
        work.set_timer(opened.kept_until, timer, opened.event_id)


def leave(turn: Turn) -> None:
    """Let what comes next join nothing earlier: whoever sends it is somebody else here."""
    chat_id = turn.actor.recipient.chat_id
    known = (reports.of_chat(turn.tx, chat_id, turn.now), reports.unfinished_of(turn.tx, chat_id))
    for one in known:
        if one is not None:
            _close(turn, one.report_id)
    _end_question(turn)


def note_refused(turn: Turn, refusal: RefusalError) -> None:
    """Count for the organizers what was refused because it is too much for one day."""
    chat_id = turn.actor.recipient.chat_id
    day = reports.day_of(turn.tx, chat_id)
    if refusal.key == reportlink_rules.ENOUGH:
        reportlinks.note_refused(turn)
    elif refusal.key == reportdays.ENOUGH and day is not None:
        reports.keep_day(turn.tx, chat_id, reportdays.refuse(day))


def follow(turn: Turn, facts: Iterable[Fact]) -> None:
    """Let what the actor sends next join what they have just caused: the letter after a hold.

    Whoever is in the middle of a report goes on with that.
    """
    if turn.actor.link_id is not None:
        return
    chat_id = turn.actor.recipient.chat_id
    for fact in facts:
        if fact.kind not in rules.FOLLOWED or reports.unfinished_of(turn.tx, chat_id) is not None:
            continue
        incident = incidents.incident_of(turn, fact.event_id, fact.subject_id, IncidentKind.REPORT)
        until, end = turn.now + JOINS_FOR, ReportQuestion.END
        opened = OpenReport(fact.subject_id, incident.id, incident.event_id, end, None, until)
        reports.put(turn.tx, chat_id, opened)
        turn.set_timer(until, ReportCloses(opened.report_id), opened.event_id)


@use_case(Action.REPORT)
def let_join(turn: Turn, incident: Incident, subject_id: int) -> None:
    """Let what the actor sends within the hour join an incident, as if it were a report of theirs.

    Whoever is in the middle of a report goes on with that, and whoever came by a link with nothing
    that has their name.
    """
    if turn.actor.link_id is not None:
        return
    if reports.of_chat(turn.tx, turn.actor.recipient.chat_id, turn.now) is None:
        end = ReportQuestion.END
        _keep(turn, OpenReport(subject_id, incident.id, incident.event_id, end, None, turn.now))


# ---------------------------------------------------------------- looking


def look(work: Work, chat_id: ChatId, report_id: int) -> OpenReport | None:
    """Give the report as it stands in this chat, or None when it is closed."""
    found = reports.of_chat(work.tx, chat_id, work.now)
    return found if found is not None and found.report_id == report_id else None


def unfinished_of(work: Work, chat_id: ChatId) -> OpenReport | None:
    """Give the report of this chat that has a question open, or None."""
    return reports.unfinished_of(work.tx, chat_id)


def phase(work: Work, opened: OpenReport) -> Phase:
    """Say where in the life of its event a report is made."""
    event = None if opened.event_id is None else events.get(work.tx, opened.event_id)
    return rules.phase_at(event, work.now)


def refused_at(work: Work, event_id: EventId | None) -> int:
    """Count what was not taken of reports in the day that is on, because it was too much."""
    links = [] if event_id is None else reportlinks.list_at(work, event_id)
    by_name = reports.refused_since(work.tx, event_id, work.now - DAY)
    return by_name + sum(link.refused_at(work.now) for link in links)


# ---------------------------------------------------------------- inside


def _spend(turn: Turn, weight: int = 1, *, is_report: bool = False) -> None:
    """Count what somebody tells, by name or through a link.

    Raises:
        RefusalError: it is too much for one day; nothing of it is kept.
    """
    if turn.actor.link_id is not None:
        reportlinks.spend(turn, weight, is_report=is_report)
        return
    chat_id = turn.actor.recipient.chat_id
    before = reports.day_of(turn.tx, chat_id)
    day = reportdays.spend(before, weight, _event_of(turn), turn.now)
    if day is None:
        raise RefusalError(reportdays.ENOUGH)
    reports.keep_day(turn.tx, chat_id, day)


def _open(
    turn: Turn, event_id: EventId | None, kind: IncidentKind, question: ReportQuestion
) -> OpenReport:
    """Open an incident, and let it be what the actor is in the middle of; organizers learn it."""
    earlier = reports.unfinished_of(turn.tx, turn.actor.recipient.chat_id)
    if earlier is not None:
        _close(turn, earlier.report_id)
    report_id = turn.tx.new_id()
    incident = incidents.incident_of(turn, event_id, report_id, kind)
    until = turn.now + JOINS_FOR
    opened = OpenReport(report_id, incident.id, incident.event_id, question, None, until)
    _keep(turn, opened)
    is_named = turn.actor.link_id is None  # else they are told like everybody
    but = turn.actor.team_id if is_named else None
    audience.tell_organizers(turn, IncidentNews(incident.id), incident.event_id, but)
    return opened


def _end_question(turn: Turn) -> bool:
    """Take the first question back, if it is open in the actor's chat; say whether it was."""
    draft = drafts.current(turn, turn.actor.recipient.chat_id)
    if draft is None or draft.form != REPORT_FORM:
        return False
    drafts.end(turn, draft)
    return True


def _close(work: Work, report_id: int) -> None:
    work.cancel_timer(ReportCloses(report_id))
    reports.close(work.tx, report_id)
    work.remove_tagged(rules.report_tag(report_id))


def _event_of(turn: Turn) -> EventId | None:
    """A participant reports at their own event, the team at the one that is on or next."""
    if turn.actor.link_id is not None:
        return reportlinks.event_of(turn, turn.actor.link_id)
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


def _keep_anew(turn: Turn, opened: OpenReport) -> None:
    """Keep it, and say so at the bottom of the chat: what was sent leaves it."""
    turn.remove_tagged(rules.report_tag(opened.report_id))
    _keep(turn, opened)


def _record_answer(turn: Turn, opened: OpenReport, question: ReportQuestion, value: str) -> None:
    """Record a tap; one that only leads to the groups says nothing."""
    if question is not ReportQuestion.QUICK:
        _record(turn, opened, (question.value, value))
    elif value != rules.OTHER:
        _record(turn, opened, (ReportQuestion.TYPE.value, value))


def _record(
    turn: Turn,
    opened: OpenReport,
    *details: tuple[str, str],
    what: FactKind = FactKind.REPORT,
) -> None:
    _state(turn, what, opened.report_id, opened.event_id, *details)


def _state(
    turn: Turn,
    what: FactKind,
    report_id: int,
    event_id: EventId | None,
    *details: tuple[str, str],
) -> None:
    link_id = turn.actor.link_id
    person_id = _person_of(turn, event_id)
    turn.record(
        Fact(
            what,
            turn.now,
            report_id,
            event_id,
            by_person=person_id,
            by_team=turn.actor.team_id if person_id is None and link_id is None else None,
            by_link=link_id,
            details=details,
        )
    )


def _person_of(turn: Turn, event_id: EventId | None) -> PersonId | None:
    if turn.actor.link_id is not None:
        return None  # whatever else is known of them: they came by a link, to be nobody
    mine = (one.person_id for one in turn.actor.participations if one.event_id == event_id)
    return next(mine, None)
