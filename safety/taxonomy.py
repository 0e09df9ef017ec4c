"""The words that a record chooses from, of which no feature but the record itself speaks."""

from enum import StrEnum


class CountPrecision(StrEnum):
    """How exactly a number is known."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class ActorKind(StrEnum):
    """Who acted."""

    POLICE = "police"
    SPECIAL_POLICE = "special_police"
    SECURITY_SERVICE = "security_service"
    LOCAL_ADMINISTRATION = "local_administration"
    NATIONAL_OFFICIAL = "national_official"
    ORGANIZED_GROUP = "organized_group"
    CROWD = "crowd"
    VENUE_OWNER = "venue_owner"
    PUBLIC_INSTITUTION = "public_institution"
    INDIVIDUAL = "individual"
    UNKNOWN = "unknown"


class BiasIndicator(StrEnum):
    """Signs of bias (ODIHR); each is a claim of the field `bias`, with its source."""

    SLUR = "slur"
    DEATH_THREAT = "ideological_death_threat"
    COMMUNITY_EVENT = "community_event"
    DEFENDER = "victim_is_a_defender"
    CAMPAIGN = "organized_campaign"
    PATTERN = "pattern"
    TIMING = "timing_with_a_visit"
    MISTAKEN_BELIEF = "mistaken_belief_about_the_event"
    PERCEPTION = "victims_perception"
    NO_OTHER_MOTIVE = "no_other_motive"


class LinkKind(StrEnum):
    """How one incident hangs together with another."""

    FOLLOWS = "follows"
    CAUSES = "causes"
    PART_OF = "part_of"
    CAMPAIGN = "same_campaign"
    COUNT_ONCE = "count_once_with"  # the same fact: in one of two records, or in both


class Basis(StrEnum):
    """What somebody goes by who states something: one tap."""

    SAW = "saw"
    TOLD = "told"  # somebody told them
    DOCUMENT = "document"
    PRESUMED = "presumed"
    CONCLUDED = "concluded"


class OriginKind(StrEnum):
    """Where a forwarded message was first written, as the service tells it."""

    USER = "user"
    HIDDEN_USER = "hidden_user"  # whose account does not show
    CHAT = "chat"  # in a group, for the group
    CHANNEL = "channel"
