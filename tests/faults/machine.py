"""A machine of its own, with a real systemd: the unit is tried on what starts it where people run.

It shares the network's loopback and the disk with this one, and has its own processes, mounts,
users and `/run`. What is mounted there ends with it. It takes root's rights, as systemd does.
"""

import contextlib
import os
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.clock import SystemClock, hold
from tests.faults.program import ROOT

SYSTEMD = Path("/lib/systemd/systemd")
UNIT = ROOT / "deploy" / "aman.service"
PROGRAM = (
    "/run/program"  # stands for /usr/local/lib/aman, where nothing of this machine is touched
)
LIBRARIES = "LD_LIBRARY_PATH=/run/base/lib"  # where that Python's own may be
BOOTS_WITHIN = 20.0  # real seconds
GLANCE = 0.05  # real seconds between two looks

T = TypeVar("T")

# A Python under somebody's home is one that the unit does not see: what it needs is mounted here.
_BOOT = """
set -eu
umask 022
mount --make-rprivate /
packages=$(realpath "$PACKAGES") base=$(realpath "$BASE")
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd /run/lock /run/base /run/packages /run/etc /run/units "$PROGRAM/.venv/bin"
mount --bind "$base" /run/base
mount --bind "$packages" /run/packages
cp -a /etc/. /run/etc
mount --bind /run/etc /etc
mount -t tmpfs -o mode=755 tmpfs /var/lib
grep -q ^aman: /etc/passwd ||
    useradd --system --home-dir /var/lib/aman --shell /usr/sbin/nologin aman
install -d -o aman -g aman -m 700 /var/lib/aman

cp -r "$ROOT"/bot "$ROOT"/coordination "$ROOT"/handlers "$ROOT"/locales "$ROOT"/safety \
    "$ROOT"/storage "$PROGRAM"
chmod -R a+rX "$PROGRAM"
env "$LIBRARIES" "/run/base/bin/$PYTHON" -m venv --without-pip "$PROGRAM/.venv"
printf '%s\\n' "$PROGRAM" /run/packages > "$PROGRAM/.venv/lib/$PYTHON/site-packages/aman.pth"
cat > "$PROGRAM/.venv/bin/aman" <<END
#!$PROGRAM/.venv/bin/python
from bot.__main__ import main

main()
END
chmod 755 "$PROGRAM/.venv/bin/aman"
for name in idle sysinit basic network-online time-sync shutdown; do
    printf '[Unit]\nDefaultDependencies=no\n' > /run/units/$name.target
done
export container=other SYSTEMD_UNIT_PATH=/run/units
exec "$SYSTEMD" --system --unit=idle.target --log-target=console --show-status=no
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine while it runs; `number` is its first process, as this machine counts."""

    number: int

    def runs(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Carry out a command there, as root; give how it ended and what it said."""
        enter = ["nsenter", "--target", str(self.number)]
        rooms = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", "--wdns=/"]
        return subprocess.run(  # noqa: S603 - our own words
            [*enter, *rooms, *command],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def is_up(self) -> bool:
        """Say whether its systemd answers."""
        return self.runs("systemctl", "is-system-running").stdout.strip() in {
            "running",
            "degraded",
        }

    def aman(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Carry out a command of ours as the user that the unit names."""
        as_user = ("runuser", "-u", "aman", "--", "env", LIBRARIES)
        return self.runs(*as_user, f"{PROGRAM}/.venv/bin/aman", *arguments)

    def writes(self, path: str, content: str) -> None:
        """Write a file there that nobody else may read, as root."""
        script = f"umask 077; printf '%s' {shlex.quote(content)} > {shlex.quote(path)}"
        self.runs("sh", "-c", script).check_returncode()

    def has(self, path: str) -> bool:
        """Say whether there is such a file there."""
        return self.runs("test", "-e", path).returncode == 0

    def has_unit(self, name: str, changed: Mapping[str, str | None] | None = None) -> None:
        """Install our unit under a name.

        `changed`: settings that are others there, and None for one that is left out.
        """
        lines = UNIT.read_text(encoding="utf-8").replace("/usr/local/lib/aman", PROGRAM)
        told = {**(changed or {})}
        kept = [line for line in lines.splitlines() if line.partition("=")[0] not in told]
        kept += [f"{setting}={value}" for setting, value in told.items() if value is not None]
        kept.append(f"Environment={LIBRARIES}")
        self.writes(f"/run/units/{name}.service", "\n".join(kept) + "\n")
        self.runs("systemctl", "daemon-reload").check_returncode()

    def tells(self, unit: str) -> dict[str, str]:
        """Give what systemd says of a unit."""
        asked = ("ActiveState", "Result", "ExecMainStatus")
        said = self.runs("systemctl", "show", unit, f"--property={','.join(asked)}")
        return dict(line.split("=", 1) for line in said.stdout.splitlines())


def comes(look: Callable[[], T | None], within: float) -> T:
    """Look again and again until there is something, in real seconds; for commands outside a loop.

    Raises: TimeoutError.
    """
    clock = SystemClock()
    end = clock.monotonic() + within
    while not (found := look()):
        if clock.monotonic() > end:
            raise TimeoutError
        hold(GLANCE)
    return found


@contextlib.contextmanager
def booted() -> Iterator[Machine]:
    """Have such a machine for a while; all that runs there is ended at the end.

    Raises: TimeoutError where systemd does not come up.
    """
    rooms = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--mount-proc")
    with subprocess.Popen(  # noqa: S603 - our own words
        ["unshare", *rooms, "--kill-child", "sh", "-c", _BOOT],  # noqa: S607 - of util-linux
        env=_environment(
            ROOT=str(ROOT),
            PROGRAM=PROGRAM,
            SYSTEMD=str(SYSTEMD),
            BASE=sys.base_prefix,
            PACKAGES=sysconfig.get_path("purelib"),
            LIBRARIES=LIBRARIES,
            PYTHON=f"python{sys.version_info.major}.{sys.version_info.minor}",
        ),
        stdin=subprocess.DEVNULL,
    ) as first:
        try:
            yield _up(first)
        finally:
            first.kill()


def _up(first: subprocess.Popen[bytes]) -> Machine:
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children")

    def machine() -> Machine | None:
        numbers = children.read_text(encoding="ascii").split()
        made = Machine(int(numbers[0])) if numbers else None
        return made if made is not None and made.is_up else None

    return comes(machine, BOOTS_WITHIN)


def _environment(**more: str) -> dict[str, str]:
    return {"PATH": f"{os.defpath}:/usr/sbin:/sbin", "LANG": "C.UTF-8", **more}
