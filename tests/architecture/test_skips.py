"""What CI passes over it has not tested, and says so by failing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REASON, RIGHT = "no such tool", "only root can start a machine"
FILES = {
    "test_in_a_test.py": f"""
import pytest

def test_in_a_test() -> None:
    pytest.skip({REASON!r})

@pytest.mark.skip(reason={RIGHT!r})
def test_by_a_mark() -> None: ...

@pytest.mark.xfail(strict=True)
def test_foreseen() -> None:
    raise AssertionError
""",
    "test_a_file.py": f"import pytest\n\npytest.skip({REASON!r}, allow_module_level=True)\n",
}


def _run(folder: Path, surroundings: dict[str, str]) -> str:
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    without = {name: value for name, value in os.environ.items() if name != "CI"}  # noqa: TID251 - a program needs its path
    plugins = [part for name in ("tests.skips", "no:cacheprovider") for part in ("-p", name)]
    options = ["-q", "-c", "/dev/null", "--continue-on-collection-errors"]
    return subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-m", "pytest", *plugins, *options, f"--rootdir={folder}", str(folder)],
        cwd=ROOT,
        env=without | surroundings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,  # seconds
    ).stdout


def test_what_is_passed_over_is_a_failure_in_ci(tmp_path: Path) -> None:
    """With its reason, a test or a whole file; but for what was foreseen."""
    said = _run(tmp_path, {"CI": "1"})
    assert "1 failed, 1 xfailed, 2 errors in" in said, said
    assert said.count(f"passed over in CI: Skipped: {REASON}") >= 2
    assert f"passed over in CI: Skipped: {RIGHT}" in said


def test_what_is_passed_over_where_people_work_is_none(tmp_path: Path) -> None:
    """A tool that is not there stops nobody from running the tests."""
    assert "3 skipped, 1 xfailed in" in _run(tmp_path, {})


def test_every_run_of_the_tests_listens(request: pytest.FixtureRequest) -> None:
    """What nobody asks would find nothing."""
    assert request.config.pluginmanager.has_plugin("tests.skips")
