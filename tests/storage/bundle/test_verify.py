"""Whoever changes a bundle, with or without care, is found out; checking needs only Python."""

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.exporting import ExportLevel
from storage.bundle.contents import Entry, Hidden
from storage.bundle.writer import write
from storage.vault import digests, prooflog, verifier
from storage.vault.keys import Key
from storage.vault.prooflog import Checkpoint
from tests.storage.bundle.cases import KEY, NAME, ORIGIN, journal, written

RIGHT_KEY = prooflog.verifier_key(KEY, NAME)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one bundle, which the tests copy before they spoil it."""
    return written(tmp_path_factory.mktemp("original"))


def _with_hidden_texts(folder: Path) -> Path:
    """Write the same records for a confidential submission, their first texts withheld."""
    bundle = journal().bundle()
    records = tuple(
        replace(one, entries=(*map(_hidden, one.entries[:-1]), one.entries[-1]))
        for one in bundle.records
    )
    write(folder / "bundle", replace(bundle, records=records, level=ExportLevel.CONFIDENTIAL))
    return folder / "bundle"


def _hidden(entry: Entry | Hidden) -> Hidden:
    assert isinstance(entry, Entry)
    return Hidden(entry.leaf, digests.commitment(entry.salt, entry.text.encode()))


def test_any_changed_byte_is_noticed_where_texts_are_withheld(tmp_path: Path) -> None:
    """A commitment counts as a text does: no byte of what proves may differ."""
    bundle = _with_hidden_texts(tmp_path)
    assert verifier.verify(bundle, RIGHT_KEY) == ()
    rest = random.Random(5)  # noqa: S311 - the same places in each run
    for path in _files(bundle):
        content = path.read_bytes()
        for place in {rest.randrange(len(content)) for _ in range(3) if content}:
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert verifier.verify(bundle), f"{path.name} at {place}"
        path.write_bytes(content)


def test_a_bundle_made_for_others_is_never_taken_for_the_lawyers(tmp_path: Path) -> None:
    """Whose level it is stands under the signature: withheld texts cannot hide in a whole one."""
    bundle = _with_hidden_texts(tmp_path)
    note = bundle / verifier.CONTENTS
    note.write_text(
        note.read_text("utf-8").replace(" contents confidential", " contents"), "utf-8"
    )
    repair_manifests(bundle)
    assert "wrong-signature" in {one.code for one in verifier.verify(bundle)}
    _resign(bundle, KEY)
    repair_manifests(bundle)
    assert [one.code for one in verifier.verify(bundle)] == ["malformed"]
    (tmp_path / "again").mkdir()
    done = _run(_with_hidden_texts(tmp_path / "again"), "--language", "en")
    assert "A confidential submission: 1 statements are withheld" in done.stdout


@pytest.fixture
def bundle(original: Path, tmp_path: Path) -> Path:
    """Give a fresh copy."""
    shutil.copytree(original, tmp_path / "bundle")
    return tmp_path / "bundle"


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_a_change_at_either_end_or_in_the_middle_of_each_file_is_noticed(bundle: Path) -> None:
    """No file is forgotten."""
    for path in _files(bundle):
        content = path.read_bytes()
        for place in {0, len(content) // 2, len(content) - 1} if content else set():
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            assert verifier.verify(bundle), f"{path.name} at {place}"
        path.write_bytes(content)
    assert verifier.verify(bundle) == ()


@given(st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_of_any_file_is_noticed(bundle: Path, data: st.DataObject) -> None:
    """Every single byte counts, whatever it becomes."""
    path = data.draw(st.sampled_from(_files(bundle)))
    content = path.read_bytes()
    if not content:
        return
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    path.write_bytes(content[:place] + bytes([other]) + content[place + 1 :])
    try:
        assert verifier.verify(bundle)
    finally:
        path.write_bytes(content)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_put_in_or_taken_out_is_noticed(bundle: Path, data: st.DataObject) -> None:
    """Also where it is only a line break at the end."""
    path = data.draw(st.sampled_from(_files(bundle)))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content)))
    put = data.draw(st.sampled_from([b"", b"\n", b" ", b"\r", b"\x00", b"0"]))
    changed = content[:place] + put + content[place + (0 if put else 1) :]
    path.write_bytes(changed)
    try:
        assert bool(verifier.verify(bundle)) == (changed != content)
    finally:
        path.write_bytes(content)


# ---------------------------------------------------------------- forgers who repair the manifests


def _lines(bundle: Path, name: str) -> list[str]:
    return (bundle / name).read_text("utf-8").splitlines(keepends=True)


def _removed(bundle: Path) -> None:
    name = verifier.RECORDS
    (bundle / name).write_text("".join(_lines(bundle, name)[1:]), "utf-8")


def _reordered(bundle: Path) -> None:
    name = verifier.RECORDS
    (bundle / name).write_text("".join(reversed(_lines(bundle, name))), "utf-8")


def _replaced(bundle: Path) -> None:
    text = (bundle / verifier.RECORDS).read_text("utf-8")
    (bundle / verifier.RECORDS).write_text(text.replace("Shymkent", "Semey"), "utf-8")


def _replaced_with_other_proof(bundle: Path) -> None:
    """Take out a record together with its inclusion proof."""
    _removed(bundle)
    path = bundle / verifier.INCLUSION
    path.write_text(
        "".join(line for line in _lines(bundle, verifier.INCLUSION) if '"leaf":2' not in line),
        "utf-8",
    )


def _replaced_evidence(bundle: Path) -> None:
    (bundle / "data/evidence/17.mp4").write_bytes(b"another video")


def _removed_evidence(bundle: Path) -> None:
    (bundle / "data/evidence/17.mp4").unlink()


def _added_evidence(bundle: Path) -> None:
    (bundle / "data/evidence/99.mp4").write_bytes(b"one more")


def _changed_dossier(bundle: Path) -> None:
    path = bundle / "data/dossier.html"
    path.write_text(path.read_text("utf-8").replace("Shymkent", "Semey"), "utf-8")


def _changed_guide(bundle: Path) -> None:
    (bundle / "READ-ME.en.txt").write_text("Trust me.\n", "utf-8")


def _earlier_date(bundle: Path) -> None:
    path = bundle / verifier.BAG_INFO
    path.write_text(path.read_text("utf-8").replace("2026", "2025"), "utf-8")


def _smaller_log(bundle: Path) -> None:
    path = bundle / verifier.CHECKPOINT
    path.write_text(path.read_text("utf-8").replace("\n6\n", "\n5\n"), "utf-8")


def _no_records(bundle: Path) -> None:
    for name in (verifier.RECORDS, verifier.INCLUSION):
        (bundle / name).write_text("", "utf-8")


FORGERIES = [
    *(_removed, _reordered, _replaced, _replaced_with_other_proof, _replaced_evidence),
    *(_removed_evidence, _added_evidence, _changed_dossier, _changed_guide, _smaller_log),
    *(_no_records, _earlier_date),
]


def repair_manifests(bundle: Path) -> None:
    """Do what any tool does: compute the manifests anew."""
    listed = {
        path.relative_to(bundle).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(bundle)
    }
    data = "".join(f"{listed[name]}  {name}\n" for name in listed if name.startswith("data/"))
    (bundle / verifier.MANIFEST).write_text(data)
    listed[verifier.MANIFEST] = hashlib.sha256(data.encode()).hexdigest()
    tags = "".join(
        f"{digest}  {name}\n"
        for name, digest in listed.items()
        if not name.startswith("data/") and name != verifier.TAG_MANIFEST
    )
    (bundle / verifier.TAG_MANIFEST).write_text(tags)


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forger_who_repairs_the_manifests_is_noticed(
    bundle: Path, forge: Callable[[Path], None]
) -> None:
    """A removed, reordered or replaced record shows, because the contents are signed."""
    forge(bundle)
    repair_manifests(bundle)
    problems = verifier.verify(bundle)
    assert problems
    assert not [each for each in problems if each.place.endswith("manifest-sha256.txt")]


def _resign(bundle: Path, key: Key) -> None:
    """Do what a forger with a key of their own can do: sign the contents and the checkpoint."""
    public = prooflog.verifier_key(key, NAME)
    (bundle / verifier.KEY_FILE).write_text(public + "\n")
    pem = verifier.key_pem(verifier.read_key(public, "").public)
    (bundle / verifier.KEY_PEM).write_text(pem)
    _resign_note(bundle, verifier.CHECKPOINT, verifier.CHECKPOINT_SIGNATURE, key)
    (bundle / verifier.CONTENTS).write_text(_list_of_contents(bundle) + "\n", "utf-8")
    _resign_note(bundle, verifier.CONTENTS, verifier.CONTENTS_SIGNATURE, key)


def _list_of_contents(bundle: Path) -> str:
    names = [path.relative_to(bundle).as_posix() for path in _files(bundle)]
    return _lines(bundle, verifier.CONTENTS)[0] + "".join(
        f"{hashlib.sha256((bundle / name).read_bytes()).hexdigest()}  {name}\n"
        for name in names
        if name not in verifier.UNSIGNED
    )


def _resign_note(bundle: Path, name: str, signature_name: str, key: Key) -> None:
    text = (bundle / name).read_text("utf-8").split("\n\n")[0].rstrip("\n") + "\n"
    note = prooflog.sign_note(key, NAME, text)
    (bundle / name).write_text(note, "utf-8")
    signer = verifier.read_key(prooflog.verifier_key(key, NAME), "")
    (bundle / signature_name).write_bytes(verifier.read_note(note, signer, "")[1])


def test_a_forger_who_rewrites_the_signed_list_cannot_sign_it(bundle: Path) -> None:
    """A list that fits every file, under the old signature, is refused."""
    signed = bundle / verifier.CONTENTS
    _, _, signature = signed.read_text("utf-8").partition("\n\n")
    _changed_dossier(bundle)
    text = _list_of_contents(bundle)
    signed.write_text(f"{text}\n{signature}", "utf-8")
    repair_manifests(bundle)
    assert [each.code for each in verifier.verify(bundle)] == ["wrong-signature"]


def test_a_bundle_from_before_its_description_was_signed_is_in_order(bundle: Path) -> None:
    """As it was signed then, without that line; one that was taken out of a signed list shows."""
    signed = bundle / verifier.CONTENTS
    kept = signed.read_text("utf-8").splitlines(keepends=True)
    text = "".join(line for line in kept if not line.endswith(f"  {verifier.BAG_INFO}\n"))
    assert len(text) < len("".join(kept))
    signed.write_text(text, "utf-8")
    repair_manifests(bundle)
    assert [each.code for each in verifier.verify(bundle)] == ["wrong-signature"]
    _resign_note(bundle, verifier.CONTENTS, verifier.CONTENTS_SIGNATURE, KEY)
    repair_manifests(bundle)
    assert verifier.verify(bundle) == ()


def test_a_forger_with_another_key_is_noticed_by_whoever_knows_the_right_one(bundle: Path) -> None:
    """A wholly consistent forgery has another fingerprint."""
    _changed_dossier(bundle)
    _resign(bundle, Key(b"f" * 32))
    repair_manifests(bundle)
    assert verifier.verify(bundle) == ()
    assert [each.code for each in verifier.verify(bundle, RIGHT_KEY)] == ["untrusted-key"]


def test_a_replaced_record_is_noticed_even_under_the_right_signature(bundle: Path) -> None:
    """Whoever took over the key still cannot change what a checkpoint was sent out for."""
    first, _, rest = (bundle / verifier.RECORDS).read_text("utf-8").partition("\n")
    shown, committed, place = first.rpartition("Shymkent")
    for forged, code in (
        (first.replace("Shymkent", "Semey"), "not-included"),
        (shown + "Semey" + place, "not-committed"),
    ):
        assert committed
        (bundle / verifier.RECORDS).write_text(f"{forged}\n{rest}", "utf-8")
        _resign(bundle, KEY)
        repair_manifests(bundle)
        assert [each.code for each in verifier.verify(bundle)] == [code]


def _another_history(bundle: Path) -> None:
    """Put an earlier head there that the right key has signed, and that this log never had."""
    other = Checkpoint(ORIGIN, 4, bytes(32))
    row = {"note": prooflog.sign(KEY, NAME, other), "path": ["00" * 32, "11" * 32]}
    (bundle / verifier.EARLIER).write_text(json.dumps(row) + "\n", "utf-8")


def _a_path_too_many(bundle: Path) -> None:
    path = bundle / verifier.INCLUSION
    path.write_text(path.read_text("utf-8") + '{"leaf":1,"path":[]}\n', "utf-8")


def _made_for_whom(bundle: Path) -> None:
    note = bundle / verifier.CONTENTS
    note.write_text(note.read_text("utf-8").replace(" contents\n", " contents friends\n"), "utf-8")


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_another_history, "inconsistent"),
        (_a_path_too_many, "extra"),
        (_added_evidence, "extra"),
        (_made_for_whom, "malformed"),
    ],
)
def test_what_does_not_fit_is_noticed_under_the_right_signature_too(
    bundle: Path, forge: Callable[[Path], None], code: str
) -> None:
    """Whoever has taken the key over can sign a list, and no other past, file or proof."""
    forge(bundle)
    _resign(bundle, KEY)
    repair_manifests(bundle)
    assert {each.code for each in verifier.verify(bundle)} == {code}


@pytest.mark.parametrize(
    "name",
    [
        "note.txt",
        "data/note.txt",
        "data/proofs/x.tsr",
        "data/e/1.jpg",
        "data/__pycache__/17.mp4",
        "__pycache__/argparse.cpython-312.pyc",
    ],
)
def test_a_file_put_in_anywhere_is_noticed(bundle: Path, name: str) -> None:
    """As it is, and after the manifests were computed anew."""
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_bytes(b"")
    assert verifier.Problem("extra", name) in verifier.verify(bundle)
    repair_manifests(bundle)
    assert verifier.verify(bundle) == (verifier.Problem("extra", name),)


def test_the_right_key_and_a_known_checkpoint_are_accepted(tmp_path: Path) -> None:
    """Who was sent a checkpoint sees that the log goes on from it."""
    kept = journal()
    before = kept.checkpoint()
    for each in (1, 2, 3):
        kept.keep(replace(kept.bundle().records[0].record, id=each))
    write(tmp_path / "bundle", kept.bundle(earlier=(before,)))
    assert verifier.verify(tmp_path / "bundle", RIGHT_KEY, (before, kept.checkpoint())) == ()
    stranger = journal().checkpoint()
    problems = verifier.verify(tmp_path / "bundle", RIGHT_KEY, (stranger,))
    assert [each.code for each in problems] == ["unknown-checkpoint"]


def test_a_link_in_place_of_a_file_is_refused(bundle: Path, tmp_path: Path) -> None:
    """Nothing outside the directory is taken for a part of it."""
    path = bundle / "data/evidence/17.mp4"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert verifier.verify(bundle) == (verifier.Problem("extra", "data/evidence/17.mp4"),)


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_an_empty_or_missing_directory_is_not_in_order(tmp_path: Path, name: str) -> None:
    """Nothing is never everything in order."""
    assert verifier.verify(tmp_path / name)


@pytest.mark.parametrize("row", ["[]", "1", "null", '{"id":1,"id":2}', "{", "[" * 5000, "\ud800"])
def test_hostile_lines_are_told_not_raised(bundle: Path, row: str) -> None:
    """Whatever stands in a bundle, checking it ends with an answer."""
    for name in (verifier.RECORDS, verifier.INCLUSION, verifier.EARLIER):
        (bundle / name).write_bytes(row.encode("utf-8", "surrogatepass") + b"\n")
    assert verifier.verify(bundle)


# ---------------------------------------------------------------- without this program


def _run(bundle: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-X",
        "utf8",
        str(bundle / "verify.py"),
        *arguments,
    ]
    return subprocess.run(  # noqa: S603  (our own script, in a directory of our own)
        command, capture_output=True, text=True, check=False, encoding="utf-8", cwd="/", env={}
    )


def test_the_script_inside_works_with_python_alone(bundle: Path) -> None:
    """Isolated from every installed package, it says the same, in three languages."""
    done = _run(bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is in order: 3 records, 20 files." in done.stdout
    assert "Всё в порядке" in done.stdout
    assert "Бәрі дұрыс" in done.stdout
    mark = verifier.fingerprint(verifier.read_key(RIGHT_KEY, ""))
    assert mark in done.stdout
    for language in ("en", "ru", "kk"):
        assert mark in (bundle / f"READ-ME.{language}.txt").read_text("utf-8")
    assert _run(bundle, "--key", RIGHT_KEY, "--language", "ru").stdout.startswith("Всё в порядке")
    assert verifier.verify(bundle) == (), "checking leaves no trace"


def test_the_script_names_what_is_wrong_and_fails(bundle: Path) -> None:
    """Exit 1, one sentence for each part, no traceback."""
    _replaced(bundle)
    done = _run(bundle, "--language", "en")
    assert done.returncode == 1
    assert "Changed: data/records.jsonl" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no OpenSSL on this machine")
def test_the_commands_of_the_guide_do_the_same(bundle: Path, tmp_path: Path) -> None:
    """A sceptic needs none of our code: coreutils and OpenSSL agree, and notice a change."""
    commands = guide_commands(bundle, tmp_path)
    assert len(commands) == 7
    for language in ("ru", "kk"):
        assert guide_commands(bundle, tmp_path, language) == commands
    for command in commands:
        assert runs(bundle, command), command
    _replaced(bundle)
    repair_manifests(bundle)
    assert not all(runs(bundle, command) for command in commands)


def guide_commands(bundle: Path, scratch: Path, language: str = "en") -> list[str]:
    """Give the commands of a bundle's own guide, which write to `scratch`."""
    guide = (bundle / f"READ-ME.{language}.txt").read_text("utf-8")
    lines = guide.replace("\\\n", " ").replace(" /tmp/", f" {scratch}/").splitlines()
    return [line.strip() for line in lines if re.match(r"  (sha256sum|sed|openssl) ", line)]


def runs(bundle: Path, command: str) -> bool:
    """Say whether a shell's command, given inside of a bundle, goes well."""
    script = "set -o pipefail; " + command
    done = subprocess.run(  # noqa: S603  (the lines of our own guide)
        ["/bin/bash", "-c", script], cwd=bundle, capture_output=True, check=False
    )
    return done.returncode == 0


def test_every_message_is_there_in_three_languages() -> None:
    """No problem is ever left without words."""
    raised = set(
        re.findall(r'BrokenError\(\s*"([a-z-]+)"', Path(verifier.__file__).read_text("utf-8"))
    )
    assert raised <= verifier.MESSAGES.keys()
    assert verifier.MESSAGES.keys() - raised == {
        *("in-order", "opened", "fingerprint", "confidential", "public", "stamped"),
    }
    for code in raised:
        said = {
            verifier.describe(verifier.Problem(code, "X"), each) for each in ("en", "ru", "kk")
        }
        assert len(said) == 3
        assert all("X" in words for words in said)
