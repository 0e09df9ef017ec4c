"""The dossier in a real browser: it shows, it prints, and it asks nothing of any network."""

import io
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from safety.languages import Language
from safety.records import Claim, Evidence, EvidenceKind, Record
from storage.bundle import dossier
from tests.storage.bundle.cases import ATTACK, RECORDS, TEXTS, journal

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-extensions", "--disable-default-apps", "--no-pings", "--disable-breakpad"),
)
HOSTILE = (
    '<img src="http://records.test/a.png">',
    "<script>fetch('http://records.test/b')</script>",
    '<link rel="stylesheet" href="http://records.test/c.css">',
    '"><iframe src="http://records.test/d">',
    "</style><style>body{background:url(http://records.test/e)}",
)


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@dataclass(slots=True)
class Line:
    """The only way out that a browser has: a proxy that notes who asks for what."""

    port: int
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def the_line() -> Iterator[Line]:
    """Listen on loopback, and answer everything with a refusal."""

    class Asked(socketserver.StreamRequestHandler):
        """Note one request."""

        @override
        def handle(self) -> None:
            line.asked.append(self.rfile.readline())
            self.wfile.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Asked) as server:
        line = Line(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()


def _opens(page: Path, *options: str) -> tuple[bytes, list[bytes]]:
    """Open a page; give what the browser printed, and what it asked for on the network."""
    with the_line() as line:
        done = subprocess.run(  # noqa: S603 - a browser that we found
            [
                *(_browser(), *QUIET, f"--user-data-dir={page.parent / 'profile'}"),
                *(f"--proxy-server=127.0.0.1:{line.port}", "--proxy-bypass-list=<-loopback>"),
                *(*options, page.as_uri()),
            ],
            capture_output=True,
            timeout=50,
            check=True,
        )
        return done.stdout, [one for one in line.asked if b"records.test" in one]


def _page(folder: Path, *records: Record, language: Language = Language.EN) -> Path:
    kept = journal()
    for record in records:
        if record.id not in kept.entries:
            kept.keep(record)
    path = folder / "dossier.html"
    path.write_text(dossier.render(kept.bundle(records, language=language)), "utf-8")
    return path


def test_whatever_stands_in_a_record_the_page_asks_nothing(tmp_path: Path) -> None:
    """Words that would load something are shown as words; a web address is no link."""
    claims = tuple(Claim("statement", each, each, ATTACK.claims[0].certainty) for each in HOSTILE)
    pointer = Evidence(EvidenceKind.WEB_ADDRESS, address="http://records.test/video")
    page = _page(tmp_path, Record(id=7, claims=claims, evidence=(pointer,)))
    shown, asked = _opens(page, "--dump-dom", "--virtual-time-budget=2000")
    assert asked == []
    for each in HOSTILE:
        assert each[:12].replace("<", "&lt;").replace(">", "&gt;").encode() in shown
    assert b'<a href="http' not in shown


def test_a_page_that_asks_would_be_noticed(tmp_path: Path) -> None:
    """The test above can fail."""
    page = tmp_path / "page.html"
    page.write_text("".join(HOSTILE), "utf-8")
    _, asked = _opens(page, "--dump-dom", "--virtual-time-budget=2000")
    assert any(b"/a.png" in one for one in asked)


def test_the_policy_stops_what_escaping_would_miss(tmp_path: Path) -> None:
    """Even if words became tags, nothing is loaded."""
    page = _page(tmp_path, *RECORDS)
    html = page.read_text("utf-8").replace("<h1>", "".join(HOSTILE[:4]) + "<h1>")
    page.write_text(html, "utf-8")
    _, asked = _opens(page, "--dump-dom", "--virtual-time-budget=2000")
    assert asked == []


@pytest.mark.parametrize("language", list(Language))
def test_it_shows_and_prints(tmp_path: Path, language: Language) -> None:
    """There is ink on the picture, the headings are there, and paper comes out."""
    page = _page(tmp_path, *RECORDS, language=language)
    picture, paper = tmp_path / "shot.png", tmp_path / "paper.pdf"
    _opens(page, f"--screenshot={picture}", "--window-size=900,1800")
    with Image.open(io.BytesIO(picture.read_bytes())) as image:
        colours = image.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    blue = sum(count for count, colour in colours if colour == (0x2F, 0x5D, 0x9B))
    assert blue > 1_000  # pixels of the timeline and the charts
    _opens(page, f"--print-to-pdf={paper}")
    assert paper.read_bytes().startswith(b"%PDF")
    assert paper.read_bytes().count(b"/Type /Page\n") >= 2
    assert TEXTS.plain(language, "dossier-first") in page.read_text("utf-8")
