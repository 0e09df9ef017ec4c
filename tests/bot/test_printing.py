"""What is said on a full disk, to a closed output or to nobody: one sentence, code 1, no harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import environment
from bot.setup import set_up
from storage.vault import derivation

ROOT = Path(__file__).parents[2]
UNHEARD = "What is printed here cannot be written, or nobody reads it: look whether it was done.\n"
NOWHERE = (">/dev/full", ">&-", "| exec 1<&-")  # a full disk, a closed output, a reader that left


def _types(line: str, folder: Path, **surroundings: str) -> subprocess.CompletedProcess[bytes]:
    """Have a shell run a line, in which `aman` is the program; Python holds back what it says."""
    ours = {**environment(), **surroundings, "PYTHONPATH": str(ROOT)}
    ours.pop("PYTHONUNBUFFERED", None)
    aman = f'set -o pipefail; aman() {{ {sys.executable} -m bot "$@"; }}\n'
    return subprocess.run(  # noqa: S603 - our own words
        ["/bin/bash", "-c", aman + line],
        cwd=folder,
        env=ours,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("nowhere", NOWHERE)
@pytest.mark.parametrize("line", ["--help", "keys new mine.key"])
def test_what_nobody_can_hear_is_one_sentence(tmp_path: Path, line: str, nowhere: str) -> None:
    """It ended with 120 and words of Python's, or was called a fault of Aman's."""
    ended = _types(f"aman {line} {nowhere}", tmp_path)
    assert (ended.returncode, ended.stderr.decode()) == (1, UNHEARD)


@pytest.mark.parametrize("nowhere", ["2>/dev/full", "2>&-"])
def test_a_complaint_that_nobody_can_hear_keeps_its_code(tmp_path: Path, nowhere: str) -> None:
    """A script that throws the sentences away goes by the code."""
    assert _types(f"aman fly {nowhere}", tmp_path).returncode == 2


def test_a_complaint_moves_no_terminal(tmp_path: Path) -> None:
    """It names what stands in a bundle that anybody may have made."""
    ended = _types("aman verify $'x\\x1b[2J\\ny'", tmp_path)
    assert (ended.returncode, ended.stderr) == (1, b"Missing: x?[2J?y\n")


def test_an_init_whose_words_nobody_has_seen_can_be_done_again(tmp_path: Path) -> None:
    """It left keys that nobody could ever open, and refused from then on."""
    cheap = {"AMAN_VAULT_MEMORY_MEBIBYTES": "19"}
    ended = _types("aman init --yes > /dev/full", tmp_path, **cheap)
    assert (ended.returncode, ended.stderr.decode()) == (1, UNHEARD)
    again = _types("aman init --yes", tmp_path, **cheap)
    assert (again.returncode, again.stderr) == (0, b"")
    assert b"shown only now" in again.stdout


def test_an_unlock_secret_that_nobody_has_seen_counts_as_none(tmp_path: Path) -> None:
    """Two names were listed, and the doctor was content; one of them opened nothing anywhere."""
    made = set_up(tmp_path, {}, derivation.FLOOR)
    ours = {
        "AMAN_VAULT_UNLOCK": "env",
        "AMAN_VAULT_SECRET": made.words,
        "AMAN_VAULT_MEMORY_MEBIBYTES": "19",
    }
    ended = _types("aman rekey --add nora > /dev/full", tmp_path, **ours)
    assert (ended.returncode, ended.stderr.decode()) == (1, UNHEARD)
    listed = _types("aman rekey", tmp_path, **ours)
    assert (listed.returncode, listed.stdout) == (0, b"first\n")


def test_a_note_that_nobody_can_type_is_left_unchecked(tmp_path: Path) -> None:
    """A script closes what it does not use: it was called a fault of Aman's after all was done."""
    ended = _types("aman init <&-", tmp_path, AMAN_VAULT_MEMORY_MEBIBYTES="19")
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("takes", ["utf-8:strict", "ascii:strict"])
def test_a_name_that_the_terminal_cannot_show_breaks_nothing(tmp_path: Path, takes: str) -> None:
    """The file was written; of that it said that Aman itself was at fault."""
    line = "aman keys new $'\\xd0\\xb0\\xff.key'"
    ended = _types(line, tmp_path, PYTHONIOENCODING=takes)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\\udcff.key. It is private" in ended.stdout
    assert (tmp_path / os.fsdecode(b"\xd0\xb0\xff.key")).exists()
