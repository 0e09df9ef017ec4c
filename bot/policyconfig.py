"""What a team may set for itself: languages, zone, and every duration of the rules."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.configfile import CommunitySection, ConfigFile, DisclosureSection
from bot.secondconfig import Second
from safety.policy import Policy


def read_policy(file: ConfigFile, second: Second) -> Policy:
    """Read what the rules may vary by.

    Raises:
        ValueError: it makes no sense; one sentence that names the place.
    """
    community, disclosure = file.community, file.disclosure
    _check(community, disclosure)
    return Policy(
        languages=tuple(dict.fromkeys(community.languages)),
        default_language=community.default_language,
        zone=community.timezone,
        display_name=community.display_name,
        second_kinds=second.kinds,
        ntfy_url="" if second.ntfy is None else second.ntfy.url,
        area_before=_minutes(disclosure.area_before_minutes),
        meeting_point_before=_minutes(disclosure.meeting_point_before_minutes),
        address_before=_minutes(disclosure.address_before_minutes),
        invitation_life=timedelta(days=file.retention.invitation_days),
        team_link_life=timedelta(days=file.retention.team_link_days),
        proposal_life=_minutes(file.escalation.proposal_minutes),
        ring_every=timedelta(seconds=file.escalation.ring_every_seconds),
        escalate_after=timedelta(seconds=file.escalation.escalate_after_seconds),
        answer_holds=_minutes(file.escalation.answer_holds_minutes),
        attach_for=_minutes(file.escalation.attach_for_minutes),
        detention_again_after=_minutes(file.escalation.detention_again_minutes),
        ask_again_after=_minutes(file.escalation.ask_again_after_minutes),
        home_question_after=_minutes(file.escalation.home_question_after_minutes),
        places_stay=_minutes(file.retention.places_minutes),
        aftercare_after=timedelta(days=file.retention.aftercare_after_days),
        traces_kept=timedelta(days=file.retention.traces_days),
        people_kept=timedelta(days=file.retention.people_days),
        report_link_life=timedelta(days=file.retention.report_link_days),
        receipts_kept=timedelta(days=file.retention.receipt_days),
    )


def _check(community: CommunitySection, disclosure: DisclosureSection) -> None:
    if not community.languages or community.default_language not in community.languages:
        raise ValueError("default_language in [community] must be one of its languages.")
    stages = (
        disclosure.area_before_minutes,
        disclosure.meeting_point_before_minutes,
        disclosure.address_before_minutes,
    )
    if sorted(stages, reverse=True) != list(stages):
        raise ValueError(
            "In [disclosure] area, meeting point and address must come in this order."
        )
    try:
        ZoneInfo(community.timezone)
    except (KeyError, ValueError, OSError):
        raise ValueError("timezone in [community] is no zone such as Asia/Almaty.") from None


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
