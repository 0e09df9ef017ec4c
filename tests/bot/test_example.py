"""The example configuration says what there is, and what the defaults are."""

import tomllib
from pathlib import Path

import msgspec

from bot import config, configfile

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_names_every_key_with_its_default() -> None:
    """Whoever copies the example changes nothing, and misses no key."""
    defaults = msgspec.to_builtins(configfile.ConfigFile())
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    example["community"]["languages"] = tuple(example["community"]["languages"])
    assert example == defaults


def test_the_example_can_be_loaded(tmp_path: Path) -> None:
    """The example is a configuration that starts, but for the token."""
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    plain = tmp_path / "plain.toml"
    plain.touch()
    assert config.load(path, {}).policy == config.load(plain, {}).policy
