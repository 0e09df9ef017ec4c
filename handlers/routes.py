"""THE table: every command, button, form and notice, and the one function each leads to.

Roles follow from the action (safety/permissions.py). /help, the menus and docs/commands.md are
made from it. What does not stand here does nothing.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from handlers import (
    additions,
    alarmcards,
    alarms,
    attachments,
    auditing,
    ballast,
    board,
    cases,
    checkins,
    choosing,
    chosen,
    closing,
    complaintforms,
    complaints,
    confirmations,
    datataken,
    decisions,
    detentioncards,
    detentions,
    disclosure,
    envelopes,
    escorts,
    events,
    evidence,
    forms,
    freezing,
    groups,
    incidents,
    injuries,
    intake,
    invitations,
    keyholders,
    language,
    lawrules,
    ledger,
    legalhold,
    locking,
    marking,
    menu,
    people,
    practice,
    privacy,
    questions,
    quiet,
    registration,
    rendering,
    reportlinks,
    reports,
    restoring,
    retention,
    rollcalls,
    secondchannel,
    start,
    statements,
    team,
    threats,
    undelivered,
    unreachable,
    venueforms,
    venues,
    waking,
)
from handlers.buttons import Payload
from handlers.buttons.alarms import (
    AlarmCardPress,
    AlarmDetailsPress,
    HandOnPress,
    MistakePress,
    NoHelpPress,
    OnItPress,
    OpenAlarm,
    ResolveAsPress,
    ResolvePress,
    SafeAgainPress,
    ShowAlarmPress,
    SosHere,
    SosPress,
    VoicePress,
    VoiceSaysPress,
    VoicesPress,
)
from handlers.buttons.board import BoardNamesPress, BoardPress, BoardSectionPage, BoardSectionPress
from handlers.buttons.checkins import (
    CheckInPress,
    FinePress,
    MarkSeen,
    SilentNamesPage,
    SilentNamesPress,
)
from handlers.buttons.choosing import EventChoicePage, EventPress
from handlers.buttons.closing import AskToClose, CloseCasePress
from handlers.buttons.complaints import (
    ComplaintAbout,
    ComplaintConfirm,
    ComplaintDay,
    ComplaintDisagree,
    ComplaintHandOver,
    ComplaintNew,
    ComplaintNext,
    ComplaintOpen,
    ComplaintReplied,
    ComplaintsPress,
    ComplaintStep,
    ComplaintTake,
)
from handlers.buttons.confirmations import ProposalConfirm, ProposalDecline, ProposalPage
from handlers.buttons.datataken import DataOf, DataOwn
from handlers.buttons.decisions import GoPress, HoldPress, MovePress
from handlers.buttons.detentions import (
    DetentionOnIt,
    DetentionPage,
    LawyerPress,
    MarkPage,
    MarkPerson,
    MarkTaken,
    OpenDetention,
    Released,
    ReleasedVoice,
    ShowDetention,
    TakenPress,
    Transferred,
)
from handlers.buttons.disclosure import (
    EnterVenue,
    HoldVenue,
    MoveVenue,
    ReleaseStage,
    ResumeVenue,
    SeenPlace,
    ShowPlace,
    ShowVenue,
)
from handlers.buttons.envelopes import LeaveEnvelope, TakeEnvelopeBack
from handlers.buttons.escorts import EscortArrived, EscortBegun, EscortSeen
from handlers.buttons.events import (
    EventCancel,
    EventCancelAsk,
    EventCapacity,
    EventChangePress,
    EventMinors,
    EventMove,
    EventNew,
    EventNumber,
    EventOpen,
    EventsPress,
)
from handlers.buttons.forms import FormCancel, FormChoice, FormConfirm, FormPage, FormSkip
from handlers.buttons.groups import (
    GroupHeads,
    GroupNew,
    GroupOpen,
    GroupPerson,
    GroupsPress,
    RidePress,
)
from handlers.buttons.incidents import (
    ConfirmIncident,
    FalseIncident,
    IncidentMorePress,
    IncidentPage,
    ShowIncident,
)
from handlers.buttons.injuries import (
    HurtAgain,
    HurtEnough,
    HurtPress,
    InjuriesPress,
    InjuryShow,
)
from handlers.buttons.invitations import (
    InvitationsPress,
    InviteAnother,
    RenewInvitation,
    RevokeInvitation,
)
from handlers.buttons.language import ChooseLanguage
from handlers.buttons.ledger import LedgerAdd, LedgerPress
from handlers.buttons.legalhold import AskLegalHold, LiftHold
from handlers.buttons.locking import LockObject, LockPress
from handlers.buttons.menu import MenuEntry, MenuTurn
from handlers.buttons.practice import PracticePress
from handlers.buttons.privacy import (
    AskErasure,
    AskLeaveTeam,
    ClearChat,
    EraseMine,
    KeepMine,
    LeaveTeam,
)
from handlers.buttons.questions import (
    AskPress,
    QuestionsPress,
    ReplacePress,
    StatementPress,
    StatementsPress,
    TakeBackPress,
    WeekPress,
)
from handlers.buttons.registration import (
    BeginRegistration,
    DecidePress,
    LeaveNo,
    LeaveYes,
    NamesPress,
    NextInQueue,
    PeoplePress,
    PersonPress,
    ReadInLanguage,
)
from handlers.buttons.reportlinks import (
    AskStopReportLinks,
    EndReportLink,
    ReportLinksPress,
    StopReportLink,
    StopReportLinks,
    TakeReportLink,
)
from handlers.buttons.reports import (
    ReportAnswer,
    ReportDone,
    ReportGoOn,
    ReportPage,
    ReportSkip,
    VisitPress,
)
from handlers.buttons.retention import AskPurge, PurgePage, ShowPurge
from handlers.buttons.rollcalls import (
    RollCallClose,
    RollCallHelp,
    RollCallNamesPage,
    RollCallNamesPress,
    RollCallSafe,
    RollCallStart,
)
from handlers.buttons.secondchannel import (
    SecondDrop,
    SecondGive,
    SecondOpen,
    SecondShow,
    SecondTry,
)
from handlers.buttons.team import (
    FreezeAskPress,
    FreezeListPress,
    FreezePress,
    RestorePress,
    TeamAddPress,
    TeamLinkPress,
    TeamListPress,
    TeamOpenPress,
    TeamRemovePress,
    TeamRenamePress,
)
from handlers.buttons.threats import ThreatsPress
from handlers.buttons.waking import (
    AwakePress,
    WakeBegin,
    WakeNamesPress,
    WakeScreenPress,
    WakeStop,
)
from handlers.context import Button, Command, Form, Offer, Renderer, Showing, Table
from handlers.context import Request as _Request
from handlers.screens import Screen
from safety.additions import AdditionsBrought
from safety.alarmnotices import (
    AlarmAnswer,
    AlarmDetails,
    AlarmEnding,
    AlarmPlace,
    AlarmRing,
    AlarmSeen,
    AlarmUpdate,
    AlarmVoice,
    AlarmVoices,
    AskHelp,
)
from safety.auditing import AlarmDamaged, AlarmLate
from safety.ballast import StorageLow
from safety.board import BoardNames, BoardOpened, BoardUpdate
from safety.checkins import (
    CheckedIn,
    FineNoted,
    HomeNoted,
    HomeQuestion,
    HowAreYou,
    SilentHome,
    SilentHomeNames,
)
from safety.checkpoints import KeepCheckpoint
from safety.choosing import EventChoice
from safety.closing import CaseClosed, CloseQuestion
from safety.complaints import (
    ComplaintChoice,
    ComplaintList,
    ComplaintMissed,
    ComplaintReminder,
    ComplaintScreen,
    ComplaintSteps,
)
from safety.datataken import DataAsked, DataTicked
from safety.decisions import DecisionAsked, DecisionNews
from safety.detentions import (
    DetentionDetails,
    DetentionList,
    DetentionPlace,
    DetentionRing,
    DetentionUpdate,
    MarkChoice,
    MarkNames,
)
from safety.disclosure import (
    Anchor,
    HoldOn,
    NewPlace,
    PlacePin,
    PlaceShown,
    Release,
    TroubleCard,
    VenueCard,
    VenueDetails,
    VenueOpened,
)
from safety.events import (
    EventCancelQuestion,
    EventChange,
    EventList,
    EventNews,
    EventScreen,
    NumberNews,
)
from safety.evidence import EvidenceKept, EvidenceOwed
from safety.exporting import CaseGiven
from safety.forms import Question
from safety.groups import GroupList, GroupPick
from safety.incidents import IncidentList, IncidentMore, IncidentNews, IncidentScreen
from safety.injuries import (
    InjuryCard,
    InjuryDetails,
    InjuryList,
    InjuryNews,
    InjuryReminder,
)
from safety.intake import IntakeTrouble, IntakeUpdate
from safety.invitations import InvitationLink, InvitationList, InvitationTried
from safety.keyholders import KeyNews
from safety.language import LanguageChoice
from safety.lawrules import RightsCard
from safety.ledger import LedgerScreen
from safety.legalhold import LegalHoldNews
from safety.locking import LockAsked, LockedNews, LockScreen, LockStopped, OpenedNews
from safety.menu import Menu, MenuPage, StrangerSentence
from safety.notices import CallbackAnswer, Notice, Say
from safety.permissions import Action
from safety.practice import PracticePage
from safety.privacy import (
    CopiesLeft,
    ErasureQuestion,
    ErasureReceipt,
    LeaveTeamQuestion,
    OldLeft,
    PrivacyScreen,
)
from safety.proposals import ProposalCard, ProposalList
from safety.questions import (
    IncidentQuestions,
    StatementList,
    StatementScreen,
    WeekQuestions,
)
from safety.quiet import KeyRemoval
from safety.registration import (
    Decision,
    LeaveQuestion,
    PeopleNames,
    PeopleOverview,
    PersonCard,
    QueueNews,
    Registered,
    SomebodyLeft,
    TooYoung,
    Welcome,
)
from safety.reportlinks import (
    ReportLinkGiven,
    ReportLinkList,
    ReportLinkOpened,
    ReportLinkQuestion,
)
from safety.reports import ReportCard, ReportOffer
from safety.restoring import Restored
from safety.retention import PurgeList, PurgeReceipt, PurgeScreen, RetentionNews
from safety.rollcalls import RollCallNames, RollCallQuestion, RollCallRing, RollCallUpdate
from safety.secondaddresses import SecondRefused, SecondScreen, SecondTopic, SecondUpdate
from safety.secondchannel import LineDown, LineShared, SecondAlarm, SecondDetention, SecondTest
from safety.team import (
    FreezeList,
    FreezeQuestion,
    TeamCard,
    TeamLink,
    TeamList,
    TeamNews,
    TeamWelcome,
)
from safety.threats import ThreatBoard, ThreatUpdate
from safety.undelivered import Undelivered
from safety.unreachable import Unreachable
from safety.waking import WakeNames, WakeOver, WakeRing, WakeScreen, WakeUpdate

_P = TypeVar("_P", bound=Payload)
_N = TypeVar("_N", bound=Notice)


def _press(kind: type[_P], action: Action, run: Callable[[_Request, _P], str | None]) -> Button:
    """Write one line of the table of buttons; `run` gets exactly this kind of payload."""
    return Button(kind, action, cast("Callable[[_Request, Payload], str | None]", run))


def _shows(
    kind: type[_N], render: Callable[[Showing, _N], Screen | None], needs: Action | None = None
) -> tuple[type[Notice], Renderer]:
    """Write one line of the table of notices; `render` gets exactly this kind of notice.

    `needs`: whoever reads the chat must still be allowed that when it is sent, however long ago it
    was asked for. Without it the notice is for whoever it was owed to, or asks by itself.
    """
    if needs is None:
        return kind, cast("Renderer", render)

    def render_for(showing: Showing, notice: _N) -> Screen | None:
        return render(showing, notice) if showing.may(needs) else None

    return kind, cast("Renderer", render_for)


_urgent = partial(Command, is_urgent=True)

MENU: tuple[Command | Offer, ...] = (
    # what cannot wait, in the order in which it cannot wait
    Command("sos", Action.RAISE_ALARM, alarms.panic, "help-sos", MenuPage.FIRST, is_in_menu=True),
    _urgent("taken", Action.SAY_TAKEN, detentions.take, "help-taken", MenuPage.CASE),
    _urgent("hold", Action.HOLD, venues.hold, "help-hold", MenuPage.EVENT),
    _urgent("confirm", Action.CONFIRM, confirmations.show_list, "help-confirm", MenuPage.TEAM),
    _urgent("case", Action.SEE_CASE, detentions.show_list, "help-case", MenuPage.CASE),
    Offer(injuries.offer_hurt, MenuPage.CASE, is_urgent=True),
    Offer(injuries.offer_list, MenuPage.CASE, is_urgent=True),
    _urgent("board", Action.SEE_BOARD, board.show, "help-board", MenuPage.PEOPLE),
    _urgent("safe", Action.CHECK_IN, checkins.safe, "help-safe", MenuPage.SELF),
    _urgent("here", Action.CHECK_IN, checkins.here, "help-here", MenuPage.SELF),
    Offer(disclosure.offer, MenuPage.EVENT, is_urgent=True),
    Offer(reports.offer, MenuPage.CASE, is_urgent=True),
    _urgent("report", Action.REPORT, reports.begin, "help-report", MenuPage.CASE, is_in_menu=True),
    # event and place
    Command("event", Action.MANAGE_EVENT, events.show, "help-event", MenuPage.EVENT),
    Command("threats", Action.DECIDE, threats.show, "help-threats", MenuPage.EVENT),
    Command("venue", Action.SET_VENUE, venues.venue, "help-venue", MenuPage.EVENT),
    Command("release", Action.RELEASE, venues.release, "help-release", MenuPage.EVENT),
    Command("relocate", Action.RELOCATE, venues.relocate, "help-relocate", MenuPage.EVENT),
    # people
    Command("rollcall", Action.CALL_ROLL, rollcalls.start, "help-rollcall", MenuPage.PEOPLE),
    Command("people", Action.DECIDE_REGISTRATION, people.show, "help-people", MenuPage.PEOPLE),
    Command("invite", Action.INVITE, invitations.start, "help-invite", MenuPage.PEOPLE),
    Command("mark", Action.MARK, marking.mark, "help-mark", MenuPage.PEOPLE),
    # team and access
    Command("team", Action.MANAGE_TEAM, team.show, "help-team", MenuPage.TEAM),
    Command("freeze", Action.FREEZE, freezing.show, "help-freeze", MenuPage.TEAM),
    Command("lock", Action.LOCK, locking.show, "help-lock", MenuPage.TEAM),
    Command("purge", Action.PURGE, retention.show_list, "help-purge", MenuPage.TEAM),
    # what happened
    Command("rights", Action.SAY_TAKEN, lawrules.show_rights, "help-rights", MenuPage.CASE),
    Command(
        "incidents", Action.SEE_INCIDENTS, incidents.show_list, "help-incidents", MenuPage.CASE
    ),
    # oneself
    Command("home", Action.CHECK_IN, checkins.home, "help-home", MenuPage.SELF),
    Offer(practice.offer, MenuPage.SELF),
    Offer(secondchannel.offer, MenuPage.SELF),
    Command(
        "privacy", Action.SEE_PRIVACY, privacy.show, "help-privacy", MenuPage.SELF, is_in_menu=True
    ),
    Command("language", Action.CHOOSE_LANGUAGE, language.offer, "help-language", MenuPage.SELF),
    Command("leave", Action.LEAVE, registration.ask_leave, "help-leave", MenuPage.SELF),
    # not in /help
    Command("start", Action.START, start.start, "help-start"),
    Command("help", Action.GET_HELP, menu.show, "help-help", is_in_menu=True),
    Command("panic", Action.RAISE_ALARM, alarms.panic, "help-panic"),
    Command("cancel", Action.CANCEL, forms.cancel_open, "help-cancel"),
)

BUTTONS: tuple[Button, ...] = (
    # forms
    _press(FormChoice, Action.ANSWER_FORM, forms.choose),
    _press(FormPage, Action.ANSWER_FORM, forms.turn_page),
    _press(FormSkip, Action.ANSWER_FORM, forms.skip),
    _press(FormConfirm, Action.ANSWER_FORM, forms.confirm),
    _press(FormCancel, Action.ANSWER_FORM, forms.cancel),
    # menu
    _press(MenuEntry, Action.GET_HELP, menu.open_entry),
    _press(MenuTurn, Action.GET_HELP, menu.turn_page),
    # practice
    _press(PracticePress, Action.RAISE_ALARM, practice.press_page),
    # language
    _press(ChooseLanguage, Action.CHOOSE_LANGUAGE, language.choose),
    # privacy
    _press(ClearChat, Action.CLEAR_CHAT, privacy.clear),
    _press(AskErasure, Action.LEAVE, privacy.ask_erasure),
    _press(EraseMine, Action.LEAVE, privacy.erase),
    _press(KeepMine, Action.SEE_PRIVACY, privacy.keep),
    _press(AskLeaveTeam, Action.LEAVE_TEAM, privacy.ask_leave_team),
    _press(LeaveTeam, Action.LEAVE_TEAM, privacy.leave_team),
    # envelopes
    _press(LeaveEnvelope, Action.LEAVE_ENVELOPE, envelopes.press_leave),
    _press(TakeEnvelopeBack, Action.LEAVE_ENVELOPE, envelopes.press_take_back),
    # confirmations
    _press(ProposalConfirm, Action.CONFIRM, confirmations.press_confirm),
    _press(ProposalDecline, Action.CONFIRM, confirmations.press_decline),
    _press(ProposalPage, Action.CONFIRM, confirmations.press_page),
    # team
    _press(TeamListPress, Action.MANAGE_TEAM, team.press_list),
    _press(TeamOpenPress, Action.MANAGE_TEAM, team.press_open),
    _press(TeamAddPress, Action.MANAGE_TEAM, team.press_add),
    _press(TeamRenamePress, Action.MANAGE_TEAM, team.press_rename),
    _press(TeamLinkPress, Action.MANAGE_TEAM, team.press_link),
    _press(TeamRemovePress, Action.MANAGE_TEAM, team.press_remove),
    _press(WakeScreenPress, Action.TEST_WAKING, waking.press_screen),
    _press(WakeBegin, Action.TEST_WAKING, waking.press_begin),
    _press(WakeStop, Action.TEST_WAKING, waking.press_stop),
    _press(WakeNamesPress, Action.TEST_WAKING, waking.press_names),
    _press(AwakePress, Action.ANSWER_ALARM, waking.press_awake),
    _press(FreezeListPress, Action.FREEZE, freezing.press_list),
    _press(FreezeAskPress, Action.FREEZE, freezing.press_ask),
    _press(FreezePress, Action.FREEZE, freezing.press_freeze),
    _press(RestorePress, Action.FREEZE, freezing.press_restore),
    # second channel
    _press(SecondOpen, Action.BE_WOKEN, secondchannel.press_open),
    _press(SecondGive, Action.BE_WOKEN, secondchannel.press_give),
    _press(SecondShow, Action.BE_WOKEN, secondchannel.press_show),
    _press(SecondTry, Action.BE_WOKEN, secondchannel.press_try),
    _press(SecondDrop, Action.BE_WOKEN, secondchannel.press_drop),
    # locking
    _press(LockPress, Action.LOCK, locking.press_lock),
    _press(LockObject, Action.LOCK, locking.press_object),
    # invitations
    _press(InviteAnother, Action.INVITE, invitations.press_another),
    _press(InvitationsPress, Action.INVITE, invitations.press_list),
    _press(RevokeInvitation, Action.INVITE, invitations.press_revoke),
    _press(RenewInvitation, Action.INVITE, invitations.press_renew),
    # registration
    _press(BeginRegistration, Action.REGISTER, registration.press_begin),
    _press(ReadInLanguage, Action.REGISTER, registration.press_language),
    _press(LeaveYes, Action.LEAVE, registration.press_leave),
    _press(LeaveNo, Action.LEAVE, registration.press_stay),
    _press(PeoplePress, Action.DECIDE_REGISTRATION, people.press_overview),
    _press(NextInQueue, Action.DECIDE_REGISTRATION, people.press_next),
    _press(NamesPress, Action.DECIDE_REGISTRATION, people.press_names),
    _press(PersonPress, Action.DECIDE_REGISTRATION, people.press_person),
    _press(DecidePress, Action.DECIDE_REGISTRATION, people.press_decide),
    # events
    _press(EventOpen, Action.MANAGE_EVENT, events.press_open),
    _press(EventChangePress, Action.MANAGE_EVENT, events.press_change),
    _press(EventsPress, Action.MANAGE_EVENT, events.press_others),
    _press(EventNew, Action.MANAGE_EVENT, events.press_new),
    _press(EventMove, Action.MANAGE_EVENT, events.press_move),
    _press(EventCapacity, Action.MANAGE_EVENT, events.press_capacity),
    _press(EventNumber, Action.MANAGE_EVENT, events.press_number),
    _press(EventMinors, Action.MANAGE_EVENT, events.press_minors),
    _press(EventCancelAsk, Action.MANAGE_EVENT, events.press_cancel_ask),
    _press(EventCancel, Action.MANAGE_EVENT, events.press_cancel),
    # alarms
    _press(SosPress, Action.RAISE_ALARM, alarms.press_sos),
    _press(SosHere, Action.RAISE_ALARM, alarms.press_sos_here),
    _press(NoHelpPress, Action.RAISE_ALARM, alarms.press_no_help),
    _press(MistakePress, Action.RAISE_ALARM, alarms.press_mistake),
    _press(SafeAgainPress, Action.RAISE_ALARM, alarms.press_safe),
    _press(OnItPress, Action.ANSWER_ALARM, alarms.press_on_it),
    _press(HandOnPress, Action.ANSWER_ALARM, alarms.press_hand_on),
    _press(AlarmCardPress, Action.ANSWER_ALARM, alarms.press_card),
    _press(ShowAlarmPress, Action.SEE_ALARM, alarms.press_show),
    _press(VoicePress, Action.SEE_ALARM, alarms.press_voice),
    _press(AlarmDetailsPress, Action.SEE_ALARM, alarms.press_details),
    _press(VoicesPress, Action.SEE_ALARM, alarms.press_voices),
    _press(VoiceSaysPress, Action.SEE_ALARM, alarms.press_voice_says),
    _press(ResolvePress, Action.RESOLVE_ALARM, alarms.press_resolve),
    _press(ResolveAsPress, Action.RESOLVE_ALARM, alarms.press_resolve_as),
    # detentions
    _press(TakenPress, Action.SAY_TAKEN, detentions.press_taken),
    _press(MarkPage, Action.MARK, marking.press_page),
    _press(MarkPerson, Action.MARK, marking.press_person),
    _press(MarkTaken, Action.MARK, marking.press_mark_taken),
    _press(DetentionOnIt, Action.ANSWER_DETENTION, detentions.press_on_it),
    _press(ShowDetention, Action.ANSWER_DETENTION, detentions.press_show),
    _press(LawyerPress, Action.ANSWER_DETENTION, detentions.press_lawyer),
    _press(Released, Action.ANSWER_DETENTION, detentions.press_released),
    _press(ReleasedVoice, Action.ANSWER_DETENTION, detentions.press_voice),
    _press(Transferred, Action.ANSWER_DETENTION, detentions.press_transferred),
    _press(OpenDetention, Action.SEE_CASE, detentions.press_open),
    _press(DetentionPage, Action.SEE_CASE, detentions.press_page),
    _press(OpenAlarm, Action.SEE_CASE, detentions.press_open_alarm),
    # escorts
    _press(EscortBegun, Action.ANSWER_DETENTION, escorts.press_begun),
    _press(EscortSeen, Action.ANSWER_DETENTION, escorts.press_seen),
    _press(EscortArrived, Action.ANSWER_DETENTION, escorts.press_arrived),
    # what was taken
    _press(DataOf, Action.ANSWER_DETENTION, datataken.press_of),
    _press(DataOwn, Action.REPORT, datataken.press_own),
    # reports
    _press(ReportAnswer, Action.REPORT, reports.press_answer),
    _press(ReportSkip, Action.REPORT, reports.press_skip),
    _press(ReportPage, Action.REPORT, reports.press_page),
    _press(ReportDone, Action.REPORT, reports.press_done),
    _press(ReportGoOn, Action.REPORT, reports.press_go_on),
    _press(VisitPress, Action.REPORT, reports.press_visit),
    # links for reporting
    _press(TakeReportLink, Action.TAKE_REPORT_LINK, reportlinks.press_take),
    _press(EndReportLink, Action.REPORT, reportlinks.press_end),
    _press(ReportLinksPress, Action.STOP_REPORT_LINKS, reportlinks.press_list),
    _press(StopReportLink, Action.STOP_REPORT_LINKS, reportlinks.press_stop),
    _press(AskStopReportLinks, Action.STOP_REPORT_LINKS, reportlinks.press_ask_all),
    _press(StopReportLinks, Action.STOP_REPORT_LINKS, reportlinks.press_stop_all),
    # injuries
    _press(HurtPress, Action.SAY_HURT, injuries.press_hurt),
    _press(HurtAgain, Action.SAY_HURT, injuries.press_again),
    _press(HurtEnough, Action.SAY_HURT, injuries.press_enough),
    _press(InjuriesPress, Action.SEE_INJURIES, injuries.press_list),
    _press(InjuryShow, Action.SEE_INJURIES, injuries.press_show),
    # complaints
    _press(ComplaintsPress, Action.KEEP_COMPLAINT, complaints.press_list),
    _press(ComplaintOpen, Action.KEEP_COMPLAINT, complaints.press_open),
    _press(ComplaintNew, Action.KEEP_COMPLAINT, complaints.press_new),
    _press(ComplaintAbout, Action.KEEP_COMPLAINT, complaints.press_about),
    _press(ComplaintNext, Action.KEEP_COMPLAINT, complaints.press_next),
    _press(ComplaintStep, Action.KEEP_COMPLAINT, complaints.press_step),
    _press(ComplaintReplied, Action.KEEP_COMPLAINT, complaints.press_replied),
    _press(ComplaintHandOver, Action.KEEP_COMPLAINT, complaints.press_hand_over),
    _press(ComplaintDisagree, Action.KEEP_COMPLAINT, complaints.press_disagree),
    _press(ComplaintConfirm, Action.KEEP_COMPLAINT, complaints.press_confirm),
    _press(ComplaintDay, Action.KEEP_COMPLAINT, complaints.press_day),
    _press(ComplaintTake, Action.KEEP_COMPLAINT, complaints.press_take),
    # incidents
    _press(IncidentPage, Action.SEE_INCIDENTS, incidents.press_page),
    _press(IncidentMorePress, Action.SEE_INCIDENTS, incidents.press_more),
    _press(ShowIncident, Action.SEE_INCIDENTS, incidents.press_show),
    _press(ConfirmIncident, Action.SEE_INCIDENTS, incidents.press_confirm),
    _press(FalseIncident, Action.SEE_INCIDENTS, incidents.press_false),
    # questions
    _press(WeekPress, Action.SEE_INCIDENTS, questions.press_week),
    _press(QuestionsPress, Action.SEE_INCIDENTS, questions.press_questions),
    _press(AskPress, Action.SEE_INCIDENTS, questions.press_ask),
    _press(StatementsPress, Action.SEE_INCIDENTS, questions.press_statements),
    _press(StatementPress, Action.SEE_INCIDENTS, questions.press_statement),
    _press(ReplacePress, Action.SEE_INCIDENTS, questions.press_replace),
    _press(TakeBackPress, Action.SEE_INCIDENTS, questions.press_take_back),
    # closing
    _press(CloseCasePress, Action.CLOSE_CASE, closing.press_close),
    _press(AskToClose, Action.CLOSE_CASE, closing.press_ask),
    # retention
    _press(ShowPurge, Action.PURGE, retention.press_show),
    _press(PurgePage, Action.PURGE, retention.press_page),
    _press(AskPurge, Action.PURGE, retention.press_ask),
    # legal hold
    _press(AskLegalHold, Action.PURGE, legalhold.press_ask),
    _press(LiftHold, Action.PURGE, legalhold.press_lift),
    # disclosure
    _press(EventPress, Action.GET_HELP, chosen.press_event),
    _press(EventChoicePage, Action.GET_HELP, chosen.press_page),
    _press(ShowPlace, Action.SEE_PLACE, disclosure.press_show),
    _press(SeenPlace, Action.SEE_PLACE, disclosure.press_seen),
    _press(ShowVenue, Action.CONFIRM, venues.press_details),
    _press(EnterVenue, Action.SET_VENUE, venues.press_enter),
    _press(ReleaseStage, Action.RELEASE, venues.press_release),
    _press(HoldVenue, Action.HOLD, venues.press_hold),
    _press(ResumeVenue, Action.HOLD, venues.press_resume),
    _press(MoveVenue, Action.RELOCATE, venues.press_move),
    # ledger
    _press(LedgerPress, Action.SEE_INCIDENTS, ledger.press_ledger),
    _press(LedgerAdd, Action.SEE_INCIDENTS, ledger.press_add),
    # threats, decisions
    _press(ThreatsPress, Action.DECIDE, threats.press_board),
    _press(HoldPress, Action.DECIDE, decisions.press_hold),
    _press(GoPress, Action.DECIDE, decisions.press_go),
    _press(MovePress, Action.DECIDE, decisions.press_move),
    # checkins
    _press(CheckInPress, Action.CHECK_IN, checkins.press_check_in),
    _press(MarkSeen, Action.MARK, checkins.press_mark),
    _press(SilentNamesPress, Action.MANAGE_EVENT, checkins.press_silent),
    _press(SilentNamesPage, Action.MANAGE_EVENT, checkins.press_silent_page),
    _press(FinePress, Action.CHECK_IN, checkins.press_fine),
    # board
    _press(BoardPress, Action.SEE_BOARD, board.press_board),
    _press(BoardNamesPress, Action.SEE_NAMES, board.press_names),
    _press(BoardSectionPress, Action.SEE_NAMES, board.press_section),
    _press(BoardSectionPage, Action.SEE_NAMES, board.press_section_page),
    # rollcalls
    _press(RollCallStart, Action.CALL_ROLL, rollcalls.press_start),
    _press(RollCallSafe, Action.CHECK_IN, rollcalls.press_safe),
    _press(RollCallHelp, Action.CHECK_IN, rollcalls.press_help),
    _press(RollCallNamesPress, Action.SEE_NAMES, rollcalls.press_names),
    _press(RollCallNamesPage, Action.SEE_NAMES, rollcalls.press_names_page),
    _press(RollCallClose, Action.CALL_ROLL, rollcalls.press_close),
    # groups
    _press(GroupsPress, Action.MOVE_GROUPS, groups.press_list),
    _press(GroupNew, Action.MOVE_GROUPS, groups.press_new),
    _press(GroupOpen, Action.MOVE_GROUPS, groups.press_open),
    _press(GroupPerson, Action.MOVE_GROUPS, groups.press_person),
    _press(GroupHeads, Action.MOVE_GROUPS, groups.press_heads),
    _press(RidePress, Action.CHECK_IN, groups.press_ride),
)

FORMS: tuple[Form, ...] = (
    # invitations, registration
    invitations.FORM,
    registration.FORM,
    # envelopes
    envelopes.FORM,
    # team
    team.ADD_FORM,
    team.NAME_FORM,
    # second channel
    secondchannel.FORM,
    # events
    events.EVENT_FORM,
    events.TIME_FORM,
    events.CAPACITY_FORM,
    events.NUMBER_FORM,
    # detentions
    marking.SIGHTING_FORM,
    detentions.TRANSFER_FORM,
    escorts.DUE_FORM,
    escorts.SEEN_FORM,
    escorts.ARRIVED_FORM,
    # injuries
    injuries.FORM,
    # complaints
    *complaintforms.FORMS,
    # reports
    reports.REPORT,
    # statements
    *statements.FORMS,
    # legal hold
    legalhold.FORM,
    # disclosure
    venueforms.VENUE_FORM,
    venueforms.RELOCATION_FORM,
    venueforms.HOLD_FORM,
    # ledger
    ledger.LEDGER_FORM,
    # decisions
    decisions.DECIDE_FORM,
    decisions.HOLD_FORM,
    # groups
    groups.GROUP_FORM,
    groups.HEADS_FORM,
    groups.RIDE_FORM,
)

RENDERERS: dict[type[Notice], Renderer] = dict(
    (
        # kernel
        _shows(Say, rendering.render_say),
        _shows(CallbackAnswer, rendering.render_callback_answer),
        _shows(Question, forms.render_question),
        # menu
        _shows(Menu, menu.render_menu),
        _shows(StrangerSentence, menu.render_stranger),
        # practice
        _shows(PracticePage, practice.render_page),
        # language
        _shows(LanguageChoice, language.render_choice),
        # privacy
        _shows(PrivacyScreen, privacy.render_screen),
        _shows(ErasureQuestion, privacy.render_question),
        _shows(ErasureReceipt, privacy.render_receipt),
        _shows(LeaveTeamQuestion, privacy.render_leave_team),
        _shows(CopiesLeft, privacy.render_copies),
        _shows(OldLeft, privacy.render_old_left),
        # confirmations
        _shows(ProposalCard, confirmations.render_card),
        _shows(ProposalList, confirmations.render_list, Action.CONFIRM),
        # team
        _shows(TeamList, team.render_list, Action.MANAGE_TEAM),
        _shows(TeamCard, team.render_card, Action.MANAGE_TEAM),
        _shows(TeamLink, team.render_link),
        _shows(TeamWelcome, team.render_welcome),
        _shows(TeamNews, team.render_news),
        _shows(WakeScreen, waking.render_screen, Action.TEST_WAKING),
        _shows(WakeUpdate, waking.render_screen, Action.TEST_WAKING),
        _shows(WakeNames, waking.render_names, Action.TEST_WAKING),
        _shows(WakeRing, waking.render_ring),
        _shows(WakeOver, waking.render_over),
        _shows(FreezeList, freezing.render_list, Action.FREEZE),
        _shows(FreezeQuestion, freezing.render_question),
        # second channel
        _shows(SecondScreen, secondchannel.render_screen),
        _shows(SecondUpdate, secondchannel.render_screen),
        _shows(SecondTopic, secondchannel.render_topic),
        _shows(SecondRefused, secondchannel.render_refused),
        _shows(SecondAlarm, secondchannel.render_alarm),
        _shows(SecondDetention, secondchannel.render_detention),
        _shows(LineDown, secondchannel.render_line),
        _shows(LineShared, secondchannel.render_sharing),
        _shows(SecondTest, secondchannel.render_test),
        _shows(KeepCheckpoint, secondchannel.render_checkpoint),
        # keyholders
        _shows(KeyNews, keyholders.render_news),
        _shows(CaseGiven, cases.render_given, Action.CONFIRM),
        # locking
        _shows(LockScreen, locking.render_screen),
        _shows(LockAsked, locking.render_asked),
        _shows(LockStopped, locking.render_stopped),
        _shows(LockedNews, locking.render_locked),
        _shows(OpenedNews, locking.render_opened),
        # restoring
        _shows(Restored, restoring.render_news),
        # invitations
        _shows(InvitationLink, invitations.render_link),
        _shows(InvitationList, invitations.render_list, Action.INVITE),
        _shows(InvitationTried, invitations.render_tried),
        # registration
        _shows(Welcome, registration.render_welcome),
        _shows(Registered, registration.render_registered),
        _shows(TooYoung, registration.render_too_young),
        _shows(Decision, registration.render_decision),
        _shows(LeaveQuestion, registration.render_leave),
        _shows(QueueNews, people.render_queue, Action.DECIDE_REGISTRATION),
        _shows(SomebodyLeft, people.render_left, Action.DECIDE_REGISTRATION),
        _shows(PeopleOverview, people.render_overview, Action.DECIDE_REGISTRATION),
        _shows(PeopleNames, people.render_names, Action.DECIDE_REGISTRATION),
        _shows(PersonCard, people.render_person, Action.DECIDE_REGISTRATION),
        # events
        _shows(EventScreen, events.render_event),
        _shows(EventCancelQuestion, events.render_cancel_question),
        _shows(EventChange, events.render_change),
        _shows(EventList, events.render_others),
        _shows(EventNews, events.render_news),
        _shows(NumberNews, events.render_number),
        # alarms
        _shows(AlarmAnswer, alarmcards.render_answer),
        _shows(AlarmSeen, alarmcards.render_answer),
        _shows(AlarmRing, alarmcards.render_card),
        _shows(AlarmUpdate, alarmcards.render_card),
        _shows(AlarmEnding, alarmcards.render_ending),
        _shows(AlarmVoice, alarmcards.render_voice),
        _shows(AlarmVoices, alarmcards.render_voices),
        _shows(AlarmDetails, alarmcards.render_details),
        _shows(AlarmPlace, alarmcards.render_place),
        _shows(AskHelp, alarmcards.render_ask),
        # detentions
        _shows(DetentionRing, detentioncards.render_card),
        _shows(DetentionUpdate, detentioncards.render_card),
        _shows(DetentionDetails, detentioncards.render_details),
        _shows(DetentionPlace, detentioncards.render_place),
        _shows(DetentionList, detentioncards.render_list),
        _shows(DataAsked, datataken.render_asked),
        _shows(DataTicked, datataken.render_asked),
        _shows(RightsCard, lawrules.render_rights),
        _shows(MarkNames, marking.render_names, Action.MARK),
        _shows(MarkChoice, marking.render_choice, Action.MARK),
        # quiet
        _shows(KeyRemoval, quiet.render_key_removal),
        # reports
        _shows(ReportCard, reports.render_card),
        _shows(ReportOffer, reports.render_offer),
        # links for reporting
        _shows(ReportLinkGiven, reportlinks.render_given),
        _shows(ReportLinkOpened, reportlinks.render_opened),
        _shows(ReportLinkList, reportlinks.render_list, Action.STOP_REPORT_LINKS),
        _shows(ReportLinkQuestion, reportlinks.render_question, Action.STOP_REPORT_LINKS),
        # injuries
        _shows(InjuryCard, injuries.render_card),
        _shows(InjuryReminder, injuries.render_reminder),
        _shows(InjuryNews, injuries.render_news),
        _shows(InjuryDetails, injuries.render_details),
        _shows(InjuryList, injuries.render_list),
        # complaints
        _shows(ComplaintList, complaints.render_list),
        _shows(ComplaintChoice, complaints.render_choice),
        _shows(ComplaintScreen, complaints.render_screen),
        _shows(ComplaintSteps, complaints.render_steps),
        _shows(ComplaintReminder, complaints.render_due),
        _shows(ComplaintMissed, complaints.render_due),
        # incidents
        _shows(IncidentList, incidents.render_list, Action.SEE_INCIDENTS),
        _shows(IncidentMore, incidents.render_more, Action.SEE_INCIDENTS),
        _shows(IncidentScreen, incidents.render_incident, Action.SEE_INCIDENTS),
        _shows(IncidentNews, incidents.render_news, Action.SEE_INCIDENTS),
        _shows(AdditionsBrought, additions.render_news, Action.SEE_INCIDENTS),
        # questions
        _shows(WeekQuestions, questions.render_week, Action.SEE_INCIDENTS),
        _shows(IncidentQuestions, questions.render_incident, Action.SEE_INCIDENTS),
        _shows(StatementList, questions.render_list, Action.SEE_INCIDENTS),
        _shows(StatementScreen, questions.render_statement, Action.SEE_INCIDENTS),
        # evidence
        _shows(EvidenceKept, evidence.render_kept, Action.REPORT),
        _shows(EvidenceOwed, evidence.render_owed, Action.REPORT),
        # closing
        _shows(CloseQuestion, closing.render_question),
        _shows(CaseClosed, closing.render_closed),
        # retention
        _shows(PurgeList, retention.render_list),
        _shows(PurgeScreen, retention.render_screen),
        _shows(PurgeReceipt, retention.render_receipt),
        _shows(RetentionNews, retention.render_news),
        # auditing
        _shows(AlarmLate, auditing.render_late),
        _shows(AlarmDamaged, auditing.render_damaged),
        # ballast
        _shows(StorageLow, ballast.render_low),
        # intake
        _shows(IntakeTrouble, intake.render_trouble),
        _shows(IntakeUpdate, intake.render_trouble),
        # legal hold
        _shows(LegalHoldNews, legalhold.render_news),
        # disclosure
        _shows(EventChoice, choosing.render_choice),
        _shows(Release, disclosure.render_release),
        _shows(NewPlace, disclosure.render_new),
        _shows(PlaceShown, disclosure.render_shown),
        _shows(PlacePin, disclosure.render_pin),
        _shows(HoldOn, disclosure.render_hold),
        _shows(TroubleCard, disclosure.render_trouble),
        _shows(Anchor, disclosure.render_anchor),
        _shows(VenueCard, venues.render_card),
        _shows(VenueOpened, venues.render_card),
        _shows(VenueDetails, venues.render_details, Action.CONFIRM),
        # ledger
        _shows(LedgerScreen, ledger.render_ledger, Action.SEE_INCIDENTS),
        # threats, decisions
        _shows(ThreatBoard, threats.render_board, Action.DECIDE),
        _shows(ThreatUpdate, threats.render_board, Action.DECIDE),
        _shows(DecisionNews, decisions.render_news, Action.DECIDE),
        _shows(DecisionAsked, decisions.render_asked, Action.DECIDE),
        # checkins
        _shows(CheckedIn, checkins.render_checked_in),
        _shows(HomeNoted, checkins.render_home_noted),
        _shows(HomeQuestion, checkins.render_home_question),
        _shows(SilentHome, checkins.render_silent, Action.MANAGE_EVENT),
        _shows(SilentHomeNames, checkins.render_silent_names, Action.MANAGE_EVENT),
        _shows(HowAreYou, checkins.render_how_are_you),
        _shows(FineNoted, checkins.render_fine),
        # board
        _shows(BoardOpened, board.render_board),
        _shows(BoardUpdate, board.render_board),
        _shows(BoardNames, board.render_names),
        # undelivered
        _shows(Undelivered, undelivered.render_undelivered),
        # unreachable
        _shows(Unreachable, unreachable.render_unreachable),
        # rollcalls
        _shows(RollCallQuestion, rollcalls.render_question),
        _shows(RollCallRing, rollcalls.render_card),
        _shows(RollCallUpdate, rollcalls.render_card),
        _shows(RollCallNames, rollcalls.render_names),
        # groups
        _shows(GroupList, groups.render_list, Action.MOVE_GROUPS),
        _shows(GroupPick, groups.render_pick, Action.MOVE_GROUPS),
    )
)

TABLE = Table(
    menu=MENU,
    buttons=BUTTONS,
    forms=FORMS,
    renderers=RENDERERS,
    on_alarm=alarms.hear_words,
    on_doubt=alarms.ask,
    on_media=attachments.take_file,
    on_location=attachments.take_place,
    on_other=attachments.take_words,
    on_stranger=menu.answer_stranger,
    on_quiet=quiet.hear,
)
