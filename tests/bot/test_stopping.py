"""Commands that are stopped: by hand, by the system, or with the line to the server."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import environment

ROOT = Path(__file__).parents[2]
STOPPED_WHILE_LOADING = """
import sys

class Stops:
    def find_spec(self, name, *_):
        if name == "bot.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Stops())
from bot.__main__ import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_stops_a_command_lets_it_clear_up(tmp_path: Path, number: signal.Signals) -> None:
    """A line to the server that was cut left the readable half of a case on its disk."""
    ours = {**environment(), "AMAN_VAULT_MEMORY_MEBIBYTES": "19"}
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-m", "bot", "init", "--dir", tmp_path],
        cwd=ROOT,
        env=ours,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        said = b""
        while b"Type it from your note" not in said:
            said += os.read(running.stdout.fileno(), 4096)
        running.send_signal(number)
        _, complained = running.communicate()
    assert (running.returncode, complained) == (1, b"Stopped.\n")


def test_a_command_that_is_stopped_while_it_loads_shows_no_trace() -> None:
    """Loading takes a second, and whoever has mistyped presses Ctrl-C within it."""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", STOPPED_WHILE_LOADING], cwd=ROOT, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (1, b"Stopped.\n")
