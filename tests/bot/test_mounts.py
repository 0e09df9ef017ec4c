"""Where the file system keeps what is overwritten, it is named."""

from pathlib import Path

import pytest

from bot.mounts import Lasting, find_lasting

TABLE = """\
22 27 0:21 / /proc rw,nosuid shared:5 - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
31 27 254:1 / /plain rw - xfs /dev/vdb rw
32 27 0:41 / /copies rw shared:2 master:1 - btrfs /dev/vdc rw,ssd
33 27 0:42 / /pools rw - zfs tank rw
34 27 0:43 / /layers rw - overlay overlay rw,lowerdir=/a:/b
35 27 254:3 / /journal rw,relatime - ext4 /dev/vdd rw,data=journal
36 27 254:4 / /ordered rw,relatime - ext4 /dev/vde rw,data=ordered
37 27 0:44 / /far rw - nfs4 host:/x rw
38 27 0:45 / /shell rw - fuse.sshfs host: rw
39 27 0:46 / /with\\040space rw - f2fs /dev/vdf rw
40 32 254:5 / /copies/plain rw - ext4 /dev/vdg rw
41 31 0:47 / /plain/hidden rw - ext4 /dev/vdh rw
42 31 0:48 / /plain/hidden rw - bcachefs /dev/vdi rw
43 27 0:49 / /memory rw - tmpfs tmpfs rw

no line of this kind
"""


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("/", None),
        ("/somewhere/data", None),
        ("/plain/data", None),
        ("/plainly", None),
        ("/copies", "btrfs"),
        ("/copies/data", "btrfs"),
        ("/copies/plain/data", None),
        ("/pools/data", "zfs"),
        ("/layers/data", "overlay"),
        ("/journal/data", "ext4 with data=journal"),
        ("/ordered/data", None),
        ("/far/data", "nfs4"),
        ("/shell/data", "fuse.sshfs"),
        ("/with space/data", "f2fs"),
        ("/plain/hidden/data", "bcachefs"),
        ("/memory/data", None),
    ],
)
def test_each_kind_is_told_apart(tmp_path: Path, directory: str, name: str | None) -> None:
    """The longest mount above the directory counts, and of two at one place the later."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text(TABLE)
    lasting = find_lasting(Path(directory), tmp_path)
    assert (None if lasting is None else lasting.name) == name


def test_a_link_leads_to_where_the_data_is(tmp_path: Path) -> None:
    """Not where the link stands."""
    (tmp_path / "self").mkdir()
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "self/mountinfo").write_text(
        f"1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / {real} rw - btrfs x rw\n"
    )
    assert find_lasting(tmp_path / "link", tmp_path) == Lasting("btrfs")


def test_where_the_kernel_tells_nothing_nothing_is_said(tmp_path: Path) -> None:
    """Another system, or a very closed one."""
    assert find_lasting(tmp_path, tmp_path / "nowhere") is None
