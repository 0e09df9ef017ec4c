"""The lawyer's file: every mistake is one sentence, and none of them stops or changes the bot."""

import io
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import MovableClock
from bot.config import load
from bot.doctor import look_at_law
from bot.lawfile import LARGEST, LOOK_EVERY, LawFileError, LawKeeper, read_law
from safety.languages import Language
from safety.lawrules import UNFILLED, LawRules, LawText
from safety.records import CaseState
from safety.taxonomy import ActorKind

EXAMPLE = Path(__file__).parents[2] / "rules.example.toml"
ALL = tuple(Language)
RIGHTS = '[texts.rights]\nen = "Say your name."\nru = "Назовите имя."\nkk = "Атыңызды айтыңыз."\n'
DEADLINE = '[[deadline]]\nauthority = "police"\nstep = "filed"\ndays = 30\n'
NUMBER = "+7 700 123 45 67"  # stands in files that are refused, and must stay there


def _write(folder: Path, text: str | bytes, mode: int = 0o644) -> Path:
    path = folder / "rules.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_the_example_can_be_used_as_it_is_and_lays_down_no_law() -> None:
    """A team that copies it has reminders, no deadline of any country, and no text of rights."""
    law = read_law(EXAMPLE, ALL)
    assert [one.after for one in law.detention] == [timedelta(hours=1), timedelta(hours=3)]
    assert all(set(one.words) == set(ALL) for one in (*law.detention, *law.injury))
    assert (law.deadlines, law.texts) == ((), {})


def test_what_the_example_only_shows_can_be_taken_in(tmp_path: Path) -> None:
    """The lines that stand there as comments mean what they say once they are uncommented."""
    shown = EXAMPLE.read_text(encoding="utf-8").replace("# [[deadline]]", "[[deadline]]")
    shown = re.sub(
        r"^# ((authority|step|days|note|decides) = .*)$", r"\1", shown, flags=re.MULTILINE
    )
    shown = re.sub(r'^# (\[texts\..*|(en|ru|kk) = "…")', r"\1", shown, flags=re.MULTILINE)
    law = read_law(_write(tmp_path, shown), ALL)
    deadline = law.deadline(ActorKind.POLICE, CaseState.FILED)
    assert deadline is not None
    assert deadline.within == timedelta(days=30)
    assert set(deadline.note) == set(deadline.decides) == set(ALL)
    assert law.deadline(ActorKind.POLICE, CaseState.APPEALED) is None
    assert law.text(LawText.RIGHTS, Language.KK) == "…"
    assert law.text(LawText.CALL, Language.KK) is None


def test_hours_stand_in_order_of_time(tmp_path: Path) -> None:
    """However the lawyer wrote them down, and with no words where there are none yet."""
    path = _write(tmp_path, "[[detention]]\nafter_hours = 48\n[[detention]]\nafter_hours = 3\n")
    law = read_law(path, ALL)
    assert [one.after for one in law.detention] == [timedelta(hours=3), timedelta(hours=48)]
    assert law.injury == UNFILLED.injury


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"x = '{NUMBER}'", "the key 'x' is not known"),
        (f"[texts.wrongs]\nen = '{NUMBER}'", "the key 'wrongs' in [texts] is not known"),
        (f"[texts.rights]\nde = '{NUMBER}'", "the key 'de' in [texts → rights] is not known"),
        (f"['{NUMBER}']", "the key '+7 …' is not known"),
        (f"texts = '{NUMBER}'", "texts: expected object, got str"),
        (f"detention = '{NUMBER}'", "detention: expected array, got str"),
        ("[[detention]]\nen = 'x'", "detention 1: object missing required field after_hours"),
        ("[[detention]]\nafter_hours = -3", "detention 1 → after_hours: expected int >= 1"),
        ("[[detention]]\nafter_hours = 0", "detention 1 → after_hours: expected int >= 1"),
        ("[[detention]]\nafter_hours = 1e9", "detention 1 → after_hours: expected int, got float"),
        ("[[injury]]\nafter_hours = true", "injury 1 → after_hours: expected int, got bool"),
        ("[[injury]]\nafter_hours = 100000", "injury 1 → after_hours: expected int <= 720"),
        ("[[injury]]\nafter_hours = 3\n" * 2, "injury → after_hours comes twice"),
        ("[[injury]]\nafter_hours = 3\n" * 11, "injury: expected array of length <= 10"),
        (DEADLINE * 2, "deadline → authority and step comes twice"),
        (DEADLINE.replace("30", "-1"), "deadline 1 → days: expected int >= 1"),
        (DEADLINE.replace("police", NUMBER), "deadline 1 → authority has a value that is not"),
        (DEADLINE + f"note = {{ ru = '{NUMBER}' }}", "deadline 1 → note is not there in the"),
        (f"[texts.call]\nru = '{NUMBER}'", "texts → call is not there in the language kk"),
        (RIGHTS.replace("name", "na\\u0007me"), "texts → rights → en holds a sign that nobody"),
        (RIGHTS.replace("name", "na\\u202eme"), "texts → rights → en holds a sign that nobody"),
        (RIGHTS.replace("name", "n" * 1501), "texts → rights → en: expected str of length <="),
        (RIGHTS.replace('"Say', "Say"), "not valid TOML, at line 2"),
        ("[texts]\nrights = 3", "texts → rights: expected object, got int"),
        ("a = " + "[" * 20_000, "is not valid TOML"),
        ("a = " + "9" * 5_000, "is not valid TOML"),
        (b"\xff\xfe\x00", "is not written in UTF-8"),
        (b"#" * (LARGEST + 1), "is larger than 64 KiB"),
        (b"\x00" * 100, "is not valid TOML"),
    ],
)  # fmt: skip
def test_every_mistake_is_one_sentence_that_names_the_place(
    tmp_path: Path, text: str | bytes, words: str
) -> None:
    """Whoever edits it finds the line, and the sentence repeats nothing of what stands there."""
    with pytest.raises(LawFileError) as refused:
        read_law(_write(tmp_path, text), ALL)
    said = str(refused.value)
    assert words in said
    assert said.startswith("rules.toml")
    assert said.endswith(".")
    assert "\n" not in said
    assert NUMBER not in said
    assert len(said) < 200


def test_no_pipe_no_folder_and_nobody_elses_file_is_read(tmp_path: Path) -> None:
    """A pipe is waited for without end; what others may change are not the lawyer's words."""
    with pytest.raises(LawFileError, match="Others may change"):
        read_law(_write(tmp_path, RIGHTS, 0o666), ALL)
    (tmp_path / "rules.toml").unlink()
    with pytest.raises(LawFileError, match="There is no"):
        read_law(tmp_path / "rules.toml", ALL)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(LawFileError, match=r"is not a file|cannot be read"):
            read_law(path, ALL)


def test_a_language_that_the_community_does_not_speak_may_be_missing(tmp_path: Path) -> None:
    """Nobody has to write what nobody reads; what is there is checked all the same."""
    text = RIGHTS.replace('en = "Say your name."\n', "")
    law = read_law(_write(tmp_path, text), (Language.RU, Language.KK))
    assert law.text(LawText.RIGHTS, Language.EN) is None
    with pytest.raises(LawFileError, match="not there in the language en"):
        read_law(_write(tmp_path, text), ALL)


async def test_a_change_is_taken_within_a_minute_and_a_broken_one_changes_nothing(
    tmp_path: Path, clock: MovableClock, log: io.StringIO
) -> None:
    """The last good rules stay; the log says once that the file cannot be used, and not why."""
    used = list[LawRules]()
    keeper = LawKeeper(_write(tmp_path, RIGHTS), ALL, clock, used.append)
    await keeper.look()
    await keeper.look()
    assert [one.text(LawText.RIGHTS, Language.EN) for one in used] == ["Say your name."]
    for broken in (RIGHTS + NUMBER, RIGHTS + NUMBER, ""):
        _write(tmp_path, broken, 0o666 if not broken else 0o644)
        await keeper.look()
        await keeper.look()
    (tmp_path / "rules.toml").unlink()
    await keeper.look()
    assert len(used) == 1
    assert log.getvalue().count("law-rules-not-usable") == 3
    assert NUMBER not in log.getvalue()
    _write(tmp_path, RIGHTS.replace("name", "name only"))
    await keeper.look()
    assert used[-1].text(LawText.RIGHTS, Language.EN) == "Say your name only."
    assert timedelta(seconds=LOOK_EVERY) <= timedelta(minutes=1)


def test_the_doctor_says_what_is_wrong_and_what_is_not_written(tmp_path: Path) -> None:
    """The operator sees it without the lawyer; the texts themselves are shown to nobody."""
    config = tmp_path / "config.toml"
    config.write_text("")
    assert "neutral texts" in look_at_law(load(config, {})).words
    config.write_text('[rules]\nfile = "rules.toml"\n')
    _write(tmp_path, RIGHTS)
    found = look_at_law(load(config, {}))
    assert found.is_good
    assert found.words.endswith("not written: call, keep, clinic.")
    _write(tmp_path, RIGHTS.replace("kk", "ky"))
    found = look_at_law(load(config, {}))
    assert not found.is_good
    assert "'ky' in [texts → rights] is not known. " in found.words
    assert found.words.endswith(
        " keeps them until the next start; then neutral texts and no last days."
    )


def test_until_somebody_writes_rules_there_is_no_deadline_and_no_text() -> None:
    """No country's law is invented: only moments at which somebody should look."""
    assert (UNFILLED.deadlines, dict(UNFILLED.texts)) == ((), {})
    assert not any(one.words for one in (*UNFILLED.detention, *UNFILLED.injury))
