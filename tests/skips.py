"""In CI a test that is passed over has failed: what it promises was shown by nobody.

Wherever people work on Aman a tool or a right may be missing. `.ci/run` installs each tool, asks
to be root, and says by `CI` in the environment that nothing may be passed over.
"""

from collections.abc import Generator

import pytest

from bot.config import environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a failure of a test that was passed over; what fails as expected stays."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Make a failure of a whole file that was passed over."""
    report = yield
    _fail_in_ci(report)
    return report


def _fail_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or "CI" not in environment():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"passed over in CI: {reason}"
