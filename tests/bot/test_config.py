"""The configuration fails closed: whatever is unknown or unsafe refuses, in one sentence."""

import os
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import ConfigError, load, require_safe_directory
from bot.configfile import UnlockWay
from bot.template import TEMPLATE
from safety.languages import Language
from safety.policy import Policy

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
ROOT = Path(__file__).parents[2]


def _write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    """What we would choose is what a team gets that chooses nothing."""
    config = load(_write(tmp_path, ""), {})
    assert config.policy == Policy()
    assert config.token is None
    assert config.directory == tmp_path / "data"
    assert config.unlock is UnlockWay.PROMPT


def test_the_example_holds_every_default(tmp_path: Path) -> None:
    """The template that init writes means the same as an empty file."""
    assert load(_write(tmp_path, TEMPLATE), {}).policy == Policy()


def test_the_example_in_the_repository_is_the_template() -> None:
    """There is one text."""
    assert (ROOT / "config.example.toml").read_text() == TEMPLATE


def test_every_setting_of_the_policy_can_be_set(tmp_path: Path) -> None:
    """No duration is out of a team's reach, except what service and lawyer tell."""
    text = """
[community]
languages = ["en"]
default_language = "en"
timezone = "Europe/Berlin"
display_name = "Evening"
[disclosure]
area_before_minutes = 1001
meeting_point_before_minutes = 171
address_before_minutes = 51
[escalation]
ring_every_seconds = 31
escalate_after_seconds = 61
answer_holds_minutes = 11
attach_for_minutes = 121
detention_again_minutes = 31
ask_again_after_minutes = 6
home_question_after_minutes = 61
proposal_minutes = 721
[retention]
places_minutes = 721
invitation_days = 15
team_link_days = 3
aftercare_after_days = 4
traces_days = 4
people_days = 15
report_link_days = 90
receipt_days = 300
[second_channel]
ntfy = true
"""
    policy = load(_write(tmp_path, text), {}).policy
    same = [
        field.name
        for field in fields(Policy)
        if getattr(policy, field.name) == getattr(Policy(), field.name)
    ]
    assert same == ["bot_username", "overwrites_in_place", "law"]  # learnt, not set
    assert policy.address_before == timedelta(minutes=51)
    assert policy.ring_every == timedelta(seconds=31)
    assert policy.escalate_after == timedelta(seconds=61)


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    """Every key can come as AMAN_SECTION_KEY."""
    surroundings = {
        "AMAN_TELEGRAM_TOKEN": TOKEN,
        "AMAN_COMMUNITY_LANGUAGES": "ru,en",
        "AMAN_RETENTION_PEOPLE_DAYS": "9",
        "HOME": "/",
    }
    config = load(_write(tmp_path, "[retention]\npeople_days = 5\n"), surroundings)
    assert config.require_token() == TOKEN
    assert config.policy.languages == (Language.RU, Language.EN)
    assert config.policy.people_kept == timedelta(days=9)


def test_a_token_file_is_read_beside_the_configuration(tmp_path: Path) -> None:
    """The token may stand in a file of its own."""
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n")
    token_file.chmod(0o600)
    path = _write(tmp_path, '[telegram]\ntoken_file = "token"\n', 0o644)
    assert load(path, {}).require_token() == TOKEN


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[telegram]\ntokn = 'x'", "'tokn' in [telegram] is not known"),
        ("[telegarm]\n", "'telegarm' is not known"),
        ("x = 1", "'x' is not known"),
        ("telegram = 5", "telegram"),
        ("[retention]\npeople_days = 0", "retention → people_days"),
        ("[retention]\npeople_days = 100000", "retention → people_days"),
        ("[retention]\npeople_days = 'many'", "retention → people_days"),
        ("[retention]\nplaces_minutes = 3000", "places_minutes"),
        ("[escalation]\nescalate_after_seconds = 1", "escalate_after_seconds"),
        ("[community]\nlanguages = []", "default_language"),
        ("[community]\nlanguages = ['de']", "community → languages"),
        ("[community]\nlanguages = ['en']", "default_language"),
        ("[community]\ntimezone = 'Mars/Olympus'", "timezone"),
        ("[community]\ntimezone = '../../etc/passwd'", "timezone"),
        ("[community]\ntimezone = ''", "timezone"),
        ("[disclosure]\naddress_before_minutes = 2000", "in this order"),
        ("[vault]\nunlock = 'telepathy'", "vault → unlock"),
        ("[telegram]\ntoken = 'not a token'", "does not look like one"),
        (f"[telegram]\ntoken = '{TOKEN}'\ntoken_file = 'x'", "not both"),
        ("[telegram]\ntoken_file = 'nowhere'", "token file cannot be read"),
        ("[telegram]\napi_url = 'http://example.org'", "https://"),
        ("[telegram]\napi_url = 'ftp://example.org'", "https://"),
        ("[telegram]\napi_url = 'https://user:pw@example.org'", "only"),
        ("[telegram]\napi_url = 'https://example.org:port'", "not an address"),
        ("[telegram]\napi_url = ''", "https://"),
        ("[telegram]\nproxy = 'socks5://localhost:1'", "proxy"),
        ("[heartbeat]\nurl = 'http://example.org/ping'", "heartbeat"),
        ("[heartbeat]\nurl = 'https://me:secret@example.org/ping'", "heartbeat"),
        ("[heartbeat]\nurl = 'https:///ping'", "heartbeat"),
        ("[heartbeat]\nurl = 'https://example.org'\nevery_seconds = 1", "heartbeat"),
        ("[telegram\n", "not valid TOML, at line 1"),
        ("\x00", "not valid TOML"),
    ],
)
def test_what_is_unknown_or_unsafe_refuses(tmp_path: Path, text: str, words: str) -> None:
    """One sentence that names the place."""
    with pytest.raises(ConfigError) as refused:
        load(_write(tmp_path, text), {})
    sentence = str(refused.value)
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", ")."))


@pytest.mark.parametrize(
    "text",
    [
        f"[telegram]\ntoken = '{TOKEN} '",
        f"[telegram]\n'{TOKEN}' = 1",
        f"[vault]\nunlock = '{TOKEN}'",
        f"[telegram]\ntoken = ['{TOKEN}']",
        f"[telegram]\ntoken = '{TOKEN}",
        f"[community]\ndefault_language = '{TOKEN}'",
    ],
)
def test_no_sentence_quotes_a_token_from_the_wrong_place(tmp_path: Path, text: str) -> None:
    """A refusal ends up on screens and in tickets."""
    with pytest.raises(ConfigError) as refused:
        load(_write(tmp_path, text), {})
    assert "AAAA" not in str(refused.value)


def test_a_configuration_with_a_token_must_be_ours_alone(tmp_path: Path) -> None:
    """Whoever reads the token is the bot."""
    path = _write(tmp_path, f"[telegram]\ntoken = '{TOKEN}'\n", 0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load(path, {})
    path.chmod(0o600)
    assert load(path, {}).token is not None


def test_a_token_file_must_be_ours_alone(tmp_path: Path) -> None:
    """The same holds for a file of its own."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load(_write(tmp_path, "[telegram]\ntoken_file = 'token'\n"), {})


def test_an_unknown_variable_refuses(tmp_path: Path) -> None:
    """A misspelt AMAN_ name would silently do nothing."""
    with pytest.raises(ConfigError, match="AMAN_TELEGRAM_TOKN"):
        load(_write(tmp_path, ""), {"AMAN_TELEGRAM_TOKN": "x"})


def test_nothing_shows_the_token(tmp_path: Path) -> None:
    """Neither the configuration's repr nor the token's own."""
    config = load(_write(tmp_path, ""), {"AMAN_TELEGRAM_TOKEN": TOKEN})
    assert TOKEN not in f"{config!r} {config.token!r} {config.token}"


def test_a_near_server_may_speak_plain_http(tmp_path: Path) -> None:
    """A self-hosted Bot API server on this machine or in this network works as well."""
    for url in ("http://127.0.0.1:8081", "http://botapi:8081", "http://10.0.0.7"):
        text = f"[telegram]\napi_url = '{url}/'\n"
        assert load(_write(tmp_path, text), {}).api_url == url


WEBHOOK = """
[telegram]
webhook_url = "https://evening.example:8443/in"
"""


@pytest.mark.parametrize(
    ("listens", "is_open"),
    [
        *(("127.0.0.1:8081", False), ("[::1]:8081", False), ("10.0.0.3:8081", False)),
        *(("0.0.0.0:8081", True), ("[::]:8081", True), ("8.8.8.8:8081", True)),
    ],
)
def test_a_webhook_that_every_network_reaches_is_known(
    tmp_path: Path,
    listens: str,
    is_open: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """Its port speaks no TLS; `aman doctor` says so."""
    path = _write(tmp_path, f'{WEBHOOK}webhook_listen = "{listens}"\n')
    webhook = load(path, {"AMAN_TELEGRAM_TOKEN": TOKEN}).webhook
    assert webhook is not None
    assert webhook.is_open is is_open


def test_a_webhook_listens_on_this_machine_alone_unless_told_otherwise(tmp_path: Path) -> None:
    """Without another word: loopback, and a secret that follows from the token."""
    path = _write(tmp_path, WEBHOOK)
    webhook = load(path, {"AMAN_TELEGRAM_TOKEN": TOKEN}).webhook
    assert webhook is not None
    assert (webhook.host, webhook.port, webhook.path) == ("127.0.0.1", 8081, "/in")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", webhook.secret)
    assert webhook.secret not in TOKEN
    assert TOKEN.partition(":")[2] not in webhook.secret
    other = load(path, {"AMAN_TELEGRAM_TOKEN": TOKEN[:-1] + "B"}).webhook
    assert other is not None
    assert other.secret != webhook.secret
    assert webhook.secret not in repr(webhook)


def test_each_setting_of_a_webhook_can_come_from_outside(tmp_path: Path) -> None:
    """As for every key."""
    surroundings = {
        "AMAN_TELEGRAM_WEBHOOK_URL": "https://evening.example",
        "AMAN_TELEGRAM_WEBHOOK_LISTEN": "[::1]:9000",
        "AMAN_TELEGRAM_WEBHOOK_SECRET": "0123456789abcdef",
        "AMAN_TELEGRAM_WEBHOOK_FORMER": "https://before.example/in",
    }
    config = load(_write(tmp_path, ""), surroundings)
    assert config.webhook is not None
    assert (config.webhook.host, config.webhook.port) == ("::1", 9000)
    assert (config.webhook.path, config.webhook.secret) == ("/", "0123456789abcdef")
    assert config.former_webhook == "https://before.example/in"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("url", "http://evening.example/in", "must begin with https://"),
        ("url", "http://10.0.0.7/in", "must begin with https://"),
        ("url", "ftp://evening.example", "must begin with https://"),
        ("url", "evening.example", "must begin with https://"),
        ("url", "https://", "must begin with https://"),
        ("url", "https://evening.example/in?key=1", "a host, a port and a path only"),
        ("url", "https://me:word@evening.example/", "a host, a port and a path only"),
        ("url", "https://evening.example:port/", "is not an address"),
        ("url", "https://evening.example:9999/in", "port 443, 80, 88 or 8443"),
        ("former", "http://evening.example/", "must begin with https://"),
        ("listen", "8081", "an address and a port"),
        ("listen", "evening.example:8081", "an address and a port"),
        ("listen", "127.0.0.1:0", "an address and a port"),
        ("listen", "127.0.0.1:65536", "an address and a port"),
        ("listen", "127.0.0.1:", "an address and a port"),
        ("secret", "short", "16 to 256 characters"),
        ("secret", "a" * 257, "16 to 256 characters"),
        ("secret", "with spaces in between", "16 to 256 characters"),
    ],
)
def test_a_webhook_that_makes_no_sense_refuses(
    tmp_path: Path, key: str, value: str, words: str
) -> None:
    """In one sentence that never quotes what was typed."""
    surroundings = {
        "AMAN_TELEGRAM_WEBHOOK_URL": "https://evening.example/in",
        f"AMAN_TELEGRAM_WEBHOOK_{key.upper()}": value,
    }
    with pytest.raises(ConfigError, match=words) as refused:
        load(_write(tmp_path, ""), surroundings)
    assert "evening" not in str(refused.value)
    assert key != "secret" or value not in str(refused.value)


def test_a_secret_without_a_webhook_refuses(tmp_path: Path) -> None:
    """Whoever set one believes that something listens."""
    with pytest.raises(ConfigError, match="needs webhook_url"):
        load(_write(tmp_path, '[telegram]\nwebhook_secret = "0123456789abcdef"\n'), {})


def test_a_configuration_with_a_webhooks_secret_must_be_ours_alone(tmp_path: Path) -> None:
    """It opens the way in."""
    text = WEBHOOK + 'webhook_secret = "0123456789abcdef"\n'
    with pytest.raises(ConfigError, match="chmod 600"):
        load(_write(tmp_path, text, 0o644), {})


def test_a_data_directory_must_be_ours_alone(tmp_path: Path) -> None:
    """Others see neither the files nor their names."""
    directory = tmp_path / "data"
    with pytest.raises(ConfigError, match="aman init"):
        require_safe_directory(directory)
    directory.mkdir(mode=0o755)
    directory.chmod(0o755)
    with pytest.raises(ConfigError, match="chmod 700"):
        require_safe_directory(directory)
    directory.chmod(0o700)
    require_safe_directory(directory)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="not a directory"):
        require_safe_directory(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_data_directory_of_somebody_else_refuses(tmp_path: Path) -> None:
    """Its owner could read everything in it."""
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    os.chown(directory, 12345, 12345)
    with pytest.raises(ConfigError, match="somebody else"):
        require_safe_directory(directory)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """The first start leads to init."""
    with pytest.raises(ConfigError, match="aman init"):
        load(tmp_path / "config.toml", {})


def test_a_file_that_is_no_utf8_refuses(tmp_path: Path) -> None:
    """A configuration saved in another encoding would be misread."""
    (tmp_path / "config.toml").write_bytes("# тест".encode("cp1251"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "config.toml", {})
