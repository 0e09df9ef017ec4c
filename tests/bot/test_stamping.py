"""An authority stamps the time of a case, here OpenSSL; no case ever waits for it."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typing_extensions import override

from bot.bundles import Exported, export_case
from bot.config import Authority, ConfigError, load
from bot.opening import open_case
from storage.vault import verifier
from tests.bot.test_bundles import an_evening, config_of
from tests.handlers.test_closing import has_key
from tests.harness import World
from tests.storage.bundle.test_verify import guide_commands, repair_manifests, runs

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_SIGNER = "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - a tool that CI installs


@dataclass(slots=True)
class Office:
    """A time stamping authority on loopback; `answer` may spoil what it says."""

    folder: Path
    url: str = ""
    spoil: Callable[[bytes], bytes] = field(default=bytes)
    kind: str = "application/timestamp-reply"
    asked: list[bytes] = field(default_factory=list)

    @property
    def authority(self) -> Authority:
        """Give it as a configuration names it."""
        return Authority(self.url, self.folder / "root.pem")

    def answers(self, query: bytes) -> bytes:
        """Stamp a query."""
        self.asked.append(query)
        (self.folder / "query").write_bytes(query)
        words = ("ts", "-reply", "-config", "tsa.conf", "-queryfile", "query", "-out", "reply")
        _openssl(self.folder, *words)
        return self.spoil((self.folder / "reply").read_bytes())


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a root and a signer that may stamp the time."""
    if shutil.which("openssl") is None:
        pytest.skip("no OpenSSL is installed")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "tsa.conf").write_text(_CONFIG)
    (folder / "signer.ext").write_text(_SIGNER)
    (folder / "serial").write_text("01\n")
    new = ("req", "-new", "-newkey", "rsa:2048", "-nodes")
    _openssl(
        folder,
        *new,
        *("-x509", "-days", "7", "-subj", "/CN=root"),
        "-keyout",
        "root.key",
        "-out",
        "root.pem",
    )
    _openssl(folder, *new, "-subj", "/CN=signer", "-keyout", "signer.key", "-out", "signer.csr")
    sign = ("x509", "-req", "-days", "7", "-in", "signer.csr", "-extfile", "signer.ext")
    _openssl(folder, *sign, "-CA", "root.pem", "-CAkey", "root.key", "-out", "signer.pem")
    return folder


@pytest.fixture
def office(certified: Path) -> Iterator[Office]:
    """Open the office."""
    open_ = Office(certified)

    class Desk(http.server.BaseHTTPRequestHandler):
        """Answer one query."""

        def do_POST(self) -> None:
            """Stamp what is asked for."""
            content = open_.answers(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", open_.kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        open_.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield open_
        server.shutdown()
        thread.join()


async def _exports(
    world: World, folder: Path, office: Office, out: Path, *, is_sealed: bool = False
) -> Exported:
    config = replace(config_of(folder), authority=office.authority)
    slots = world._slots  # noqa: SLF001 - the keys of this world
    return await export_case(config, slots, "Evening of tea", out, world.now, is_sealed=is_sealed)


async def test_the_checkpoint_is_stamped_and_openssl_agrees(
    world: World, tmp_path: Path, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands of the guide check it; the authority saw a hash and no word."""
    await an_evening(world, tmp_path)
    out = tmp_path / "out"
    assert not (await _exports(world, tmp_path, office, out)).is_unstamped
    assert verifier.verify(out) == ()
    assert verifier.main([str(out), "--language", "en"]) == 0
    assert "A time stamp of this checkpoint is there" in capsys.readouterr().out
    (asked,) = office.asked
    assert len(asked) < 120
    commands = guide_commands(out, tmp_path)
    stamped = [one for one in commands if "openssl ts" in one]
    assert len(stamped) == 2
    for command in commands:
        assert runs(out, command), command
    note = out / verifier.CHECKPOINT
    note.write_bytes(note.read_bytes() + b"\n")
    assert not runs(out, stamped[0])


async def test_a_stamp_of_something_else_is_noticed(
    world: World, tmp_path: Path, office: Office
) -> None:
    """Whoever puts another stamp in, and repairs the manifests, is found out."""
    await an_evening(world, tmp_path)
    out, again = tmp_path / "out", tmp_path / "again"
    await _exports(world, tmp_path, office, out)
    await _exports(world, tmp_path, office, again)
    (out / verifier.STAMP).write_bytes((again / verifier.STAMP).read_bytes())
    repair_manifests(out)
    assert {"not-stamped", "changed"} <= {one.code for one in verifier.verify(out)}


async def test_a_sealed_case_carries_its_stamp(
    world: World, tmp_path: Path, office: Office
) -> None:
    """Stamped when it leaves the server, shown where it is opened."""
    await an_evening(world, tmp_path)
    private, _ = await has_key(world, "Aigul")
    await _exports(world, tmp_path, office, tmp_path / "sealed", is_sealed=True)
    open_case(tmp_path / "sealed", private, tmp_path / "open")
    case = tmp_path / "open" / "case"
    assert verifier.verify(case) == ()
    (command,) = [one for one in guide_commands(case, tmp_path) if "ts -verify" in one]
    assert runs(case, command)


def _damaged(answer: bytes) -> bytes:
    return answer[:-9] + bytes([answer[-9] ^ 1]) + answer[-8:]


def _nothing(answer: bytes) -> bytes:
    del answer
    return b""


def _endless(answer: bytes) -> bytes:
    return answer + bytes(70_000)


@pytest.mark.parametrize("spoil", [_damaged, _nothing, _endless])
async def test_a_case_never_waits_for_a_stamp(
    world: World, tmp_path: Path, office: Office, spoil: Callable[[bytes], bytes]
) -> None:
    """A wrong answer is no stamp: the case leaves without, and it is said."""
    await an_evening(world, tmp_path)
    office.spoil = spoil
    assert (await _exports(world, tmp_path, office, tmp_path / "out")).is_unstamped
    assert verifier.verify(tmp_path / "out") == ()
    assert not (tmp_path / "out" / verifier.STAMP).exists()


async def test_nobody_there_another_root_and_an_old_answer_give_no_stamp(
    world: World, tmp_path: Path, office: Office, certified: Path
) -> None:
    """Unreachable, a stranger's signature, an answer to an earlier question, a web page."""
    await an_evening(world, tmp_path)
    await _exports(world, tmp_path, office, tmp_path / "first")
    earlier = (certified / "reply").read_bytes()
    office.spoil = lambda _: earlier
    assert (await _exports(world, tmp_path, office, tmp_path / "replayed")).is_unstamped
    office.spoil, office.kind = bytes, "text/html"
    assert (await _exports(world, tmp_path, office, tmp_path / "page")).is_unstamped
    office.kind, office.url = "application/timestamp-reply", "http://127.0.0.1:9/"
    assert (await _exports(world, tmp_path, office, tmp_path / "alone")).is_unstamped


async def test_a_stranger_who_signs_gives_no_stamp(
    world: World, tmp_path: Path, office: Office, certified: Path
) -> None:
    """Only the roots that were chosen count; a file without any is said to be none."""
    await an_evening(world, tmp_path)
    office.folder = tmp_path / "copied"
    office.folder.mkdir()
    for path in _files(certified):
        (office.folder / path.name).write_bytes(path.read_bytes())
    _openssl(
        office.folder,
        *("req", "-x509", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other"),
        *("-keyout", "other.key", "-out", "root.pem", "-days", "7"),
    )
    assert (await _exports(world, tmp_path, office, tmp_path / "foreign")).is_unstamped
    (office.folder / "root.pem").write_text("none")
    with pytest.raises(ConfigError, match="timestamp_roots"):
        await _exports(world, tmp_path, office, tmp_path / "none")


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize(
    "section",
    [
        "timestamp_url = 'ftp://stamp.test'\ntimestamp_roots = 'r'",
        "timestamp_url = 'https://a:b@stamp.test'\ntimestamp_roots = 'r'",
        "timestamp_url = 'https://[stamp.test'\ntimestamp_roots = 'r'",
        "timestamp_url = 'https://stamp.test:port'\ntimestamp_roots = 'r'",
        "timestamp_url = 'https://stamp.test'",
    ],
)
def test_an_authority_needs_an_address_and_roots(tmp_path: Path, section: str) -> None:
    """What cannot be held against anything refuses to start."""
    path = tmp_path / "config.toml"
    path.write_text(f"[proofs]\n{section}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="in \\[proofs\\]"):
        load(path, {})
