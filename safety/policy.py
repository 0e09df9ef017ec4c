"""The durations and numbers a team may set for itself; the defaults are what we would choose."""

from dataclasses import dataclass
from datetime import timedelta

from safety.languages import Language
from safety.lawrules import UNFILLED, LawRules
from safety.secondaddresses import AddressKind


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration says about languages, disclosure, escalation and retention."""

    languages: tuple[Language, ...] = (Language.KK, Language.RU, Language.EN)
    default_language: Language = Language.RU
    zone: str = "Asia/Almaty"
    display_name: str = ""  # what the bot calls itself; neutral
    bot_username: str = ""  # known once the bot has asked the service who it is
    second_kinds: tuple[AddressKind, ...] = ()  # what the second channel can reach
    ntfy_url: str = ""  # where people subscribe to their topics
    area_before: timedelta = timedelta(hours=24)
    meeting_point_before: timedelta = timedelta(hours=3)
    address_before: timedelta = timedelta(hours=1)
    invitation_life: timedelta = timedelta(days=14)
    team_link_life: timedelta = timedelta(days=2)
    proposal_life: timedelta = timedelta(hours=12)
    ring_every: timedelta = timedelta(seconds=30)  # an alarm nobody has acknowledged
    escalate_after: timedelta = timedelta(seconds=90)  # it goes to deputies as well
    answer_holds: timedelta = timedelta(minutes=10)  # "I'm on it", without news after it
    attach_for: timedelta = timedelta(hours=2)  # places and files that belong to an alarm
    detention_again_after: timedelta = timedelta(minutes=30)  # the lawyer is reminded
    ask_again_after: timedelta = timedelta(minutes=5)  # a roll call's silent ones
    home_question_after: timedelta = timedelta(hours=1)  # after the end: "did you get home?"
    places_stay: timedelta = timedelta(hours=12)  # messages that name a place
    aftercare_after: timedelta = timedelta(days=3)  # the neutral question
    traces_kept: timedelta = timedelta(days=3)  # who was where and learnt what, after the end
    people_kept: timedelta = timedelta(days=14)  # the roster, after the end
    report_link_life: timedelta = timedelta(days=180)  # links for reporting, after the end
    receipts_kept: timedelta = timedelta(days=365)  # what a purge has destroyed, in numbers
    overwrites_in_place: bool = True  # the disk; known once the bot has looked
    law: LawRules = UNFILLED  # what the team's lawyer has laid down, as its file says it now
