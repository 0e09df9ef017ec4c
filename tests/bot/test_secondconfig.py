"""[second_channel]: what is refused, with one sentence, and that no secret is ever shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config import Config, ConfigError, load
from bot.secondchannel import make_ways
from bot.secondconfig import Security
from safety.secondaddresses import AddressKind

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-hunter2"  # noqa: S105 - opens nothing
MAIL = """\
[second_channel]
smtp_host = "mail.example.net"
smtp_sender = "ring@example.net"
"""


def _load(folder: Path, text: str, mode: int = 0o600, **more: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    around = {f"AMAN_SECOND_CHANNEL_{key}".upper(): value for key, value in more.items()}
    return load(path, around)


def test_without_a_word_there_is_no_second_channel(tmp_path: Path) -> None:
    """Nobody has to have one."""
    config = _load(tmp_path, "")
    assert config.second.kinds == ()
    assert config.policy.second_kinds == ()
    assert make_ways(config.second, SystemClock()) == {}


def test_all_of_it_can_come_from_the_environment(tmp_path: Path) -> None:
    """Secrets too."""
    config = _load(
        tmp_path,
        "",
        smtp_host="mail.example.net",
        smtp_port="465",
        smtp_security="tls",
        smtp_user="ring",
        smtp_password=SECRET,
        smtp_sender="ring@example.net",
        ntfy="true",
        ntfy_url="https://push.example.net/",
        ntfy_token=SECRET,
        apprise="true",
    )
    assert config.second.kinds == tuple(AddressKind) == config.policy.second_kinds
    mail, ntfy = config.second.mail, config.second.ntfy
    assert mail is not None
    assert ntfy is not None
    assert (mail.port, mail.security, mail.password) == (465, Security.TLS, SECRET)
    assert (ntfy.url, ntfy.token) == ("https://push.example.net", SECRET)
    assert config.policy.ntfy_url == "https://push.example.net"
    assert set(make_ways(config.second, SystemClock())) == set(AddressKind)
    shown = repr((config, config.second, mail, ntfy, make_ways(config.second, SystemClock())))
    assert SECRET not in shown
    assert "example.net" not in shown


def test_secrets_stand_in_files_of_their_own(tmp_path: Path) -> None:
    """Which must be ours alone."""
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    text = f'{MAIL}smtp_user = "ring"\nsmtp_password_file = "password"\n'
    mail = _load(tmp_path, text, 0o644).second.mail
    assert mail is not None
    assert mail.password == SECRET
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="Others may read the smtp_password_file"):
        _load(tmp_path, text)


@pytest.mark.parametrize("key", ["smtp_password", "ntfy_token"])
def test_a_file_with_a_secret_in_it_must_be_ours_alone(tmp_path: Path, key: str) -> None:
    """As with the bot's token."""
    text = f'{MAIL}smtp_user = "ring"\nntfy = true\n{key} = "{SECRET}"\n'
    with pytest.raises(ConfigError, match=r"Others may read config\.toml, and it holds a "):
        _load(tmp_path, text, 0o644)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("smtp_hots = 'x'", "'smtp_hots' in [second_channel] is not known"),
        ("smtp_security = 'none'", "on this machine alone"),
        ("smtp_security = 'ssl'", "second_channel → smtp_security"),
        ("smtp_port = 0", "second_channel → smtp_port"),
        ("smtp_sender = ''", "smtp_sender"),
        ("smtp_sender = 'a@example.net\\r\\nBcc: b@example.net'", "smtp_sender"),
        ("smtp_host = ''", "smtp_host is missing"),
        ("smtp_host = 'mail.example.net/x'", "smtp_host"),
        ("smtp_host = 'mail.example.net\\r\\nQUIT'", "smtp_host"),
        ("smtp_user = 'ring'", "belong together"),
        (f"smtp_password = '{SECRET}'", "belong together"),
        (f"smtp_user = 'ring'\nsmtp_password = '{SECRET}\\u0007'", "cannot be right"),
        (f"smtp_password = '{SECRET}'\nsmtp_password_file = 'x'", "not both"),
        ("smtp_user = 'ring'\nsmtp_password_file = 'nowhere'", "cannot be read"),
        (f"ntfy_token = '{SECRET}'", "ntfy = true"),
        ("ntfy = true\nntfy_url = 'http://push.example.net'", "https://"),
        ("ntfy = true\nntfy_url = 'https://push.example.net/path'", "only"),
        ("ntfy = true\nntfy_url = 'https://user:pw@push.example.net'", "only"),
        ("ntfy = true\nntfy_url = 'https://push.example.net:x'", "not an address"),
        ("ntfy = true\nntfy_url = ''", "https://"),
        (f"ntfy = true\nntfy_token = '{SECRET} x'", "cannot be right"),
    ],
)
def test_what_makes_no_sense_refuses_to_start(tmp_path: Path, lines: str, words: str) -> None:
    """With one sentence that names the place and never the value."""
    given = lines.replace("'", '"')
    kept = [line for line in MAIL.splitlines() if line.partition(" = ")[0] not in given]
    with pytest.raises(ConfigError) as refused:
        _load(tmp_path, "\n".join((*kept, given)) + "\n")
    said = str(refused.value)
    assert words in said
    assert SECRET not in said
    assert said.count("\n") == 0


def test_a_mail_server_on_this_machine_needs_no_encryption(tmp_path: Path) -> None:
    """What never leaves the machine is read by nobody on the way."""
    text = MAIL.replace("mail.example.net", "127.0.0.1") + 'smtp_security = "none"\n'
    mail = _load(tmp_path, text).second.mail
    assert mail is not None
    assert mail.security is Security.NONE


def test_reading_the_configuration_loads_nothing_that_sends() -> None:
    """The supervisor reads it too, and keeps all that it has loaded in locked memory."""
    heavy = ("telegram", "httpx", "aiosmtplib", "apprise", "requests")
    code = f"import sys, bot.config; print(*(name for name in {heavy} if name in sys.modules))"
    loaded = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []
