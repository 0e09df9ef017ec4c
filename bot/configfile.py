"""What config.toml may hold: every section and key, with its bounds and its default."""

from enum import StrEnum
from typing import Annotated

import msgspec

from bot.secondconfig import SecondSection
from safety.languages import Language
from storage.vault.derivation import CEILING, DEFAULT, FLOOR

SERVICE = "https://api.telegram.org"

KIB = 1024  # KiB in a MiB
LEAST_MEMORY = FLOOR.memory_kib // KIB  # MiB
MOST_MEMORY = CEILING.memory_kib // KIB  # MiB


class UnlockWay(StrEnum):
    """Where the unlock secret comes from at a start."""

    PROMPT = "prompt"
    FILE = "file"
    FD = "fd"
    ENV = "env"


_Minutes = Annotated[int, msgspec.Meta(ge=1, le=60 * 24 * 60)]
_Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
_Seconds = Annotated[int, msgspec.Meta(ge=10, le=3600)]


class TelegramSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How to reach the service, and as whom."""

    token: str = ""
    token_file: str = ""
    api_url: str = SERVICE
    proxy: str = ""
    webhook_url: str = ""
    webhook_listen: str = "127.0.0.1:8081"
    webhook_secret: str = ""
    webhook_former: str = ""


class StorageSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where everything is kept."""

    directory: str = "data"


class VaultSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the unlock secret comes from, and what trying one costs."""

    unlock: UnlockWay = UnlockWay.PROMPT
    unlock_file: str = ""
    memory_mebibytes: Annotated[int, msgspec.Meta(ge=LEAST_MEMORY, le=MOST_MEMORY)] = (
        DEFAULT.memory_kib // KIB
    )


class CommunitySection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whom the bot speaks to."""

    languages: tuple[Language, ...] = (Language.KK, Language.RU, Language.EN)
    default_language: Language = Language.RU
    timezone: str = "Asia/Almaty"
    display_name: Annotated[str, msgspec.Meta(max_length=64)] = ""


class DisclosureSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When each stage of a place may be told, before the start."""

    area_before_minutes: _Minutes = 24 * 60
    meeting_point_before_minutes: _Minutes = 3 * 60
    address_before_minutes: _Minutes = 60


class EscalationSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How long anything waits before somebody else is told."""

    ring_every_seconds: _Seconds = 30
    escalate_after_seconds: _Seconds = 90
    answer_holds_minutes: _Minutes = 10
    attach_for_minutes: _Minutes = 120
    detention_again_minutes: _Minutes = 30
    ask_again_after_minutes: _Minutes = 5
    home_question_after_minutes: _Minutes = 60
    proposal_minutes: _Minutes = 12 * 60


class RetentionSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How long what is kept."""

    places_minutes: Annotated[int, msgspec.Meta(ge=10, le=40 * 60)] = 12 * 60
    invitation_days: _Days = 14
    team_link_days: _Days = 2
    aftercare_after_days: _Days = 3
    traces_days: _Days = 3
    people_days: _Days = 14
    report_link_days: _Days = 180
    receipt_days: _Days = 365


class CopiesSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where sealed copies go."""

    directory: str = ""


class HeartbeatSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a sign of life goes, and how often."""

    url: str = ""
    every_seconds: _Seconds = 60


class ProofsSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who stamps the time of a log that is given out."""

    timestamp_url: str = ""
    timestamp_roots: str = ""


class RulesSection(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the file stands that the team's lawyer edits."""

    file: str = ""


class ConfigFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All sections."""

    telegram: TelegramSection = TelegramSection()
    storage: StorageSection = StorageSection()
    vault: VaultSection = VaultSection()
    community: CommunitySection = CommunitySection()
    disclosure: DisclosureSection = DisclosureSection()
    escalation: EscalationSection = EscalationSection()
    retention: RetentionSection = RetentionSection()
    copies: CopiesSection = CopiesSection()
    second_channel: SecondSection = SecondSection()
    heartbeat: HeartbeatSection = HeartbeatSection()
    proofs: ProofsSection = ProofsSection()
    rules: RulesSection = RulesSection()
