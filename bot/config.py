"""The configuration: one file, checked before anything starts, every value also from outside.

Fail closed: an unknown key, an unsafe permission or a number that makes no sense refuses to start,
with one sentence that names the place and never the value. Only this file reads the environment.
"""

import os
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import cast, get_type_hints
from urllib.parse import SplitResult

import msgspec
from typing_extensions import override

from bot import addresses
from bot.configfile import (
    KIB,
    ConfigFile,
    HeartbeatSection,
    ProofsSection,
    TelegramSection,
    UnlockWay,
)
from bot.mistakes import place_in_toml, what_is_wrong
from bot.policyconfig import read_policy
from bot.secondconfig import Second, SecondConfigError, SecondSection, read_section
from bot.template import Settings
from bot.webhookconfig import WebhookSetting, check_address, read_webhook
from safety.people import Unprinted
from safety.policy import Policy
from storage.vault.derivation import DEFAULT, Parameters

CONFIG_NAME = "config.toml"
PREFIX = "AMAN_"
SECRET_NAME = "AMAN_VAULT_SECRET"  # noqa: S105 - the name, not the secret
SHARED_SECTIONS = ("community", "disclosure", "escalation", "retention")
LONGEST = 1_000_000  # bytes, of a file that a person writes
OTHERS = 0o077  # what group and others may do with a file: nothing

SECRETS = (
    ("telegram", "token", "the bot's token or secret"),
    ("telegram", "webhook_secret", "the bot's token or secret"),
    ("second_channel", "smtp_password", "a password"),
    ("second_channel", "ntfy_token", "a token"),
)

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,128}")


class ConfigError(Exception):
    """The configuration cannot be used; the text is one clear sentence without any secret."""


class UnreadableFileError(ConfigError):
    """A private file is missing, or is no text."""


class Hidden:
    """A text that never shows itself: the bot's token, an unlock secret."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text, for the one call that needs it."""
        return self._text

    @override
    def __repr__(self) -> str:
        return "<Hidden>"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who stamps the time: its address, and the file of root certificates it is held against."""

    url: str
    roots: Path


@dataclass(frozen=True, slots=True, repr=False)
class Pulse(Unprinted):
    """Where a sign of life goes: an address that is a secret, and how often."""

    url: Hidden
    host: str
    every: timedelta


@dataclass(frozen=True, slots=True, repr=False)
class Config(Unprinted):
    """Everything a start needs to know. `directory` is absolute, `home` where the file stands."""

    home: Path
    token: Hidden | None
    api_url: str
    proxy: str | None
    webhook: WebhookSetting | None  # None: updates are asked for
    former_webhook: str  # an address of our own, which may go; empty: there is none
    directory: Path
    unlock: UnlockWay
    unlock_file: str
    unlock_words: Hidden | None  # from the environment
    cost: Parameters  # of a try to open what a new unlock secret opens
    policy: Policy
    second: Second  # over what the team is woken beside the chat
    copies: Path | None  # a directory on another machine or disk, absolute
    pulse: Pulse | None
    authority: Authority | None  # who stamps the time of a case
    rules_path: Path | None  # what the team's lawyer writes
    settings: Settings  # what a backup may carry

    def require_token(self) -> str:
        """Give the bot's token.

        Raises:
            ConfigError: there is none.
        """
        if self.token is None:
            raise ConfigError("There is no bot token: set token or token_file in [telegram].")
        return self.token.reveal()

    @property
    def database_path(self) -> Path:
        """Give where the database stands."""
        return self.directory / "aman.db"

    @property
    def keys_path(self) -> Path:
        """Give where the key slot file stands."""
        return self.directory / "keys"

    @property
    def control_path(self) -> Path:
        """Give where the supervisor's socket stands."""
        return self.directory / "control"

    @property
    def tries_path(self) -> Path:
        """Give where wrong unlock secrets are counted."""
        return self.directory / "tries"

    @property
    def ballast_path(self) -> Path:
        """Give the file that keeps room for a full disk."""
        return self.directory / "ballast"

    @property
    def evidence_path(self) -> Path:
        """Give the directory of evidence files."""
        return self.directory / "evidence"

    @property
    def escrow_path(self) -> Path:
        """Give the directory of the newest escrow and purge list."""
        return self.directory / "escrow"


def environment() -> Mapping[str, str]:
    """Give the process's environment: the only place that reads it."""
    return dict(os.environ)


def ask_for_durations() -> None:
    """Have python-telegram-bot give durations as such: it looks into the environment for that."""
    os.environ["PTB_TIMEDELTA"] = "true"


def spare_searches() -> None:
    """Say once that there is no `sniffio`, instead of having it looked for on the whole path.

    The HTTP library asks for it several times in each request, which took it a millisecond.
    """
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment] # how Python notes what is not there


def load(path: Path, surroundings: Mapping[str, str]) -> Config:
    """Read and check the configuration file, with `surroundings` above it.

    Raises:
        ConfigError: something in it is unknown, unsafe or makes no sense.
    """
    values = _with_surroundings(_read(path), surroundings)
    try:
        file = msgspec.convert(values, ConfigFile, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path.name}: {what_is_wrong(error)}.") from None
    token = _token(path, file.telegram)
    webhook = _webhook(file.telegram, token)
    second = _second(path, file.second_channel)
    return Config(
        home=path.parent,
        token=token,
        api_url=_api_url(file.telegram.api_url),
        proxy=_proxy(file.telegram.proxy),
        webhook=webhook,
        former_webhook=file.telegram.webhook_former,
        directory=(path.parent / file.storage.directory).absolute(),
        unlock=file.vault.unlock,
        unlock_file=file.vault.unlock_file,
        unlock_words=_hidden(surroundings.get(SECRET_NAME, "")),
        cost=replace(DEFAULT, memory_kib=file.vault.memory_mebibytes * KIB),
        policy=_policy(file, second),
        second=second,
        copies=(path.parent / file.copies.directory).absolute() if file.copies.directory else None,
        pulse=_pulse(file.heartbeat),
        authority=_authority(path.parent, file.proofs),
        rules_path=path.parent / file.rules.file if file.rules.file else None,
        settings={name: msgspec.to_builtins(getattr(file, name)) for name in SHARED_SECTIONS},
    )


def _authority(home: Path, section: ProofsSection) -> Authority | None:
    if not section.timestamp_url:
        return None
    parts = addresses.split(section.timestamp_url)
    is_plain = parts is not None and bool(parts.hostname) and not parts.username
    if parts is None or not is_plain or parts.scheme not in {"http", "https"}:
        raise ConfigError("timestamp_url in [proofs] must be an address: http:// or https://.")
    if not section.timestamp_roots:
        raise ConfigError("timestamp_roots in [proofs] must name the authority's certificates.")
    return Authority(section.timestamp_url, home / section.timestamp_roots)


def load_safe(path: Path) -> Config:
    """Read the configuration for a verb: the environment above it, the data directory ours alone.

    Raises:
        ConfigError: something in it is unknown, unsafe or makes no sense.
    """
    config = load(path, environment())
    require_safe_directory(config.directory)
    return config


def require_safe_directory(directory: Path) -> None:
    """Raise ConfigError unless the data directory is ours alone."""
    try:
        found = directory.stat()
    except OSError:
        raise ConfigError(
            f"The data directory {directory.name} is not there: run aman init first."
        ) from None
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"The data directory {directory.name} is not a directory.")
    if found.st_uid != os.geteuid():
        raise ConfigError(f"The data directory {directory.name} belongs to somebody else.")
    if found.st_mode & OTHERS:
        raise ConfigError(
            f"Others on this machine may look into the data directory {directory.name}: "
            "run chmod 700 on it."
        )


def read_private_file(path: Path, what: str) -> str:
    """Read a small file that only we may read, without the white space around its text.

    Raises:
        UnreadableFileError: it cannot be read.
        ConfigError: others may read it too.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise ConfigError(f"Others may read the {what}: run chmod 600 on it.")
            return file.read(LONGEST).strip()
    except (OSError, UnicodeDecodeError):
        raise UnreadableFileError(f"The {what} cannot be read.") from None


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            written = file.read(LONGEST + 1)
            if len(written) > LONGEST:
                raise ConfigError(f"{path.name} is too long to be a configuration.")
            values = cast("dict[str, object]", tomllib.loads(written.decode()))
            secret = _secret_in(values)
            if secret is not None and os.fstat(file.fileno()).st_mode & OTHERS:
                raise ConfigError(
                    f"Others may read {path.name}, and it holds {secret}: run chmod 600 on it."
                )
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path.name} here: run aman init first, or name it with --config."
        ) from None
    except OSError:
        raise ConfigError(f"{path.name} cannot be read.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} is not written in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is not valid TOML, {place_in_toml(error)}.") from None
    return values


def _secret_in(values: Mapping[str, object]) -> str | None:
    """Say which secret the file itself holds, or None."""
    for section, key, what in SECRETS:
        part = values.get(section)
        if isinstance(part, dict) and part.get(key):
            return what
    return None


def _with_surroundings(
    values: dict[str, object], surroundings: Mapping[str, str]
) -> dict[str, object]:
    for section, kind in get_type_hints(ConfigFile).items():
        for field in msgspec.structs.fields(kind):
            text = surroundings.get(f"{PREFIX}{section}_{field.name}".upper())
            if text is not None:
                part = values.setdefault(section, {})
                if not isinstance(part, dict):
                    raise ConfigError(f"[{section}] must be a section.")
                part[field.name] = text.split(",") if field.name == "languages" else text
    unknown = sorted(set(_names(surroundings)) - _known_names())
    if unknown:
        raise ConfigError(f"The environment variable {unknown[0]} is not known.")
    return values


def _names(surroundings: Mapping[str, str]) -> list[str]:
    return [name for name in surroundings if name.startswith(PREFIX)]


def _known_names() -> set[str]:
    return {SECRET_NAME} | {
        f"{PREFIX}{section}_{field.name}".upper()
        for section, kind in get_type_hints(ConfigFile).items()
        for field in msgspec.structs.fields(kind)
    }


def _token(path: Path, section: TelegramSection) -> Hidden | None:
    if section.token and section.token_file:
        raise ConfigError("Set token or token_file in [telegram], not both.")
    text = section.token
    if section.token_file:
        text = read_private_file(path.parent / section.token_file, "token file")
    if text and not _TOKEN.fullmatch(text):
        raise ConfigError("The bot token in [telegram] does not look like one.")
    return _hidden(text)


def _second(path: Path, section: SecondSection) -> Second:
    password = _from_file(path, section.smtp_password, section.smtp_password_file, "smtp_password")
    token = _from_file(path, section.ntfy_token, section.ntfy_token_file, "ntfy_token")
    try:
        return read_section(section, password, token)
    except SecondConfigError as error:
        raise ConfigError(str(error)) from None


def _from_file(path: Path, text: str, name: str, key: str) -> str:
    if text and name:
        raise ConfigError(f"Set {key} or {key}_file in [second_channel], not both.")
    return read_private_file(path.parent / name, f"{key}_file") if name else text


def _hidden(text: str) -> Hidden | None:
    return Hidden(text) if text else None


def _webhook(section: TelegramSection, token: Hidden | None) -> WebhookSetting | None:
    try:
        if section.webhook_former:
            check_address(section.webhook_former, "webhook_former")
        return read_webhook(section, "" if token is None else token.reveal())
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _pulse(section: HeartbeatSection) -> Pulse | None:
    """It may end in a path or a question that is a secret: the services know us by it."""
    if not section.url:
        return None
    parts = addresses.split(section.url)
    if parts is None:
        raise ConfigError("url in [heartbeat] is not an address.")
    if not parts.hostname or parts.username:
        raise ConfigError("url in [heartbeat] is not an address without a name in it.")
    is_near = parts.scheme == "http" and addresses.is_near(parts.hostname)
    if parts.scheme != "https" and not is_near:
        raise ConfigError("url in [heartbeat] must begin with https://.")
    return Pulse(Hidden(section.url), parts.hostname, timedelta(seconds=section.every_seconds))


def _api_url(url: str) -> str:
    parts = _split(url, "api_url")
    if parts.scheme == "http" and not addresses.is_near(parts.hostname or ""):
        raise ConfigError("api_url in [telegram] must begin with https:// (the token goes there).")
    return url.rstrip("/")


def _proxy(url: str) -> str | None:
    if not url:
        return None
    _split(url, "proxy")
    return url


def _split(url: str, name: str) -> SplitResult:
    parts = addresses.split(url)
    if parts is None:
        raise ConfigError(f"{name} in [telegram] is not an address.")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{name} in [telegram] must begin with https:// or http://.")
    if parts.query or parts.fragment or (parts.username and name == "api_url"):
        raise ConfigError(f"{name} in [telegram] may hold a host, a port and a path only.")
    return parts


def _policy(file: ConfigFile, second: Second) -> Policy:
    try:
        return read_policy(file, second)
    except ValueError as error:
        raise ConfigError(str(error)) from None
