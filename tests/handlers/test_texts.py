"""Every word in three languages: complete, unbreakable, and never saying what must not be said."""

import ast
import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from handlers.texts import Html, Texts, visible
from safety.languages import Language

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "locales"
ROOMS = ("bot", "handlers", "coordination", "storage", "safety")
DOMAINS = sorted({file.stem for file in LOCALES.glob("*/LC_MESSAGES/*.po")})
FORMS = {Language.EN: 2, Language.RU: 3, Language.KK: 2}  # as CLDR has it for whole numbers
BUTTON_LENGTH = 40  # characters, what a small phone shows of a label
ANSWER_LENGTH = 200  # characters, the service's limit for a callback answer
TEXT_LENGTH = 4096  # UTF-16 units, the service's limit for a message
MENU_LENGTH = 256  # characters, the service's limit for a command's description
PLAIN_PREFIXES = ("button-", "key-", "menu-", "answer-")

HOSTILE = (
    "<b>&\"'{x}%s",
    "</b></i></code><script>",
    "&lt;b&gt; &#60; {0} {} {n!r}",
    "\u202egnp.exe\u202c \u200f\u200e\u2066x\u2069",
    "a\ud83d\x00\x07\x1b[31m",
    "ж" * 4096,
    "👩‍👧‍👦 Ғәліəм\nсаған",
)

# Nobody is a member or a leader; no text names the tool, a community or a cause (BRIEF).
FORBIDDEN = (
    r"\bmember|\bleader|\baman\b",
    r"\bчлен[аыоу]?|\bлидер|\bвожд|\bруководител",
    r"\bмүше|\bкөшбасшы|\bжетекші|\bбасшы",
    r"feminis|феминис|lgbt|лгбт|queer|квир|\bgays?\b|\bге[йи]\b|lesbi|лесби|transgen|трансген",
    r"activis|активис|белсенділер|human.rights|defender|правозащит|прав[аом]* человек|адам құқы",
    r"құқық қорғау",
    r"\bcommunit|сообществ|қауымдаст|protest|протест|наразылық|opposition|оппозиц",
)
CAPITAL_NAME = r"\bАман\b(?! ба)"  # in Kazakh the small word just means safe
HELP_IS_COMING = (
    r"help(?: is|['’]s| will be)? (?:already )?(?:coming|on (?:its|the) way|near|arriving)",
    r"help will",
    r"помощь (?:уже |скоро )?(?:ид[её]т|едет|в пути|близко|прид[её]т|рядом|приедет|спешит)",
    r"(?:көмек|жәрдем)(?:ке)? (?:қазір |жақында )?(?:кел|жолда|жақын|бара жатыр|жетеді)",
    r"(?:we are|we['’]re) (?:coming|on our way)",
    r"уже едем|мы (?:идём|едем)|біз келе жатырмыз",
)


@cache
def _catalog(language: Language, domain: str) -> Catalog:
    file = LOCALES / language.value / "LC_MESSAGES" / f"{domain}.po"
    with file.open("rb") as opened:
        return read_po(opened, abort_invalid=True)


def _messages(language: Language, domain: str) -> dict[str, Message]:
    return {_key(message): message for message in _catalog(language, domain) if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _placeholders(text: str) -> set[str]:
    return {
        name
        for _literal, name, _format, _conversion in Formatter().parse(text)
        if name is not None
    }


def _every_text() -> Iterator[tuple[Language, str, Message]]:
    for language in Language:
        for domain in DOMAINS:
            for key, message in _messages(language, domain).items():
                yield language, key, message


def _filled(message: Message, value: str) -> Iterator[str]:
    """Put `value` into every placeholder, as the renderers do."""
    for text in _strings(message):
        yield text.format_map(dict.fromkeys(_placeholders(text), value))


# ---------------------------------------------------------------- the catalogues


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_feature_says_everything_in_all_three_languages(domain: str) -> None:
    """Nobody meets a sentence that exists in somebody else's language only."""
    english = _messages(Language.EN, domain)
    assert english
    for language in Language:
        messages = _messages(language, domain)
        assert messages.keys() == english.keys(), language
        untold = [key for key, message in messages.items() if not all(_strings(message))]
        fuzzy = [key for key, message in messages.items() if message.fuzzy]
        assert (untold, fuzzy) == ([], []), language


@pytest.mark.parametrize(
    "file",
    sorted(LOCALES.glob("*/LC_MESSAGES/*.po")),
    ids=lambda file: "-".join(file.parts[-3::2]),
)
def test_a_catalogue_has_every_key_once(file: Path) -> None:
    """Which of two translations counts is never left to chance."""
    keys = re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_text_has_the_same_placeholders_in_all_three_languages(domain: str) -> None:
    """A time or a number that English tells is told in Russian and Kazakh too."""
    english = _messages(Language.EN, domain)
    for language in Language:
        for key, message in _messages(language, domain).items():
            ours, theirs = (
                {name for text in _strings(one) for name in _placeholders(text)}
                for one in (message, english[key])
            )
            assert ours == theirs, (language, key)


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_are_plain_names(domain: str) -> None:
    """A catalogue can neither reach into a value nor format it."""
    for language in Language:
        for key, message in _messages(language, domain).items():
            for text in _strings(message):
                for _literal, name, form, conversion in Formatter().parse(text):
                    assert name is None or name.isidentifier(), (language, key)
                    assert not form, (language, key)
                    assert conversion is None, (language, key)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", Language)
def test_plurals_have_the_forms_of_their_language(language: Language, domain: str) -> None:
    """Russian counts in three forms, Kazakh and English in two, and all count the same texts."""
    catalog = _catalog(language, domain)
    assert catalog.num_plurals == FORMS[language]
    assert catalog.plural_expr == Catalog(locale=language.value).plural_expr
    english = _messages(Language.EN, domain)
    for key, message in _messages(language, domain).items():
        assert bool(message.pluralizable) == bool(english[key].pluralizable), key
        if message.pluralizable:
            assert len(_strings(message)) == FORMS[language], key
            assert isinstance(message.id, tuple | list)
            assert message.id[0] == message.id[1], key


def test_no_text_says_what_must_not_be_said() -> None:
    """A phone that is read at a police station gives nobody a name for what this is."""
    found = [
        (language.value, key, pattern)
        for language, key, message in _every_text()
        for text in _strings(message)
        for pattern in FORBIDDEN
        if re.search(pattern, text, re.IGNORECASE)
    ]
    named = [
        (language.value, key)
        for language, key, message in _every_text()
        for text in _strings(message)
        if re.search(CAPITAL_NAME, text) and language is not Language.KK
    ]
    assert (found, named) == ([], [])


def test_a_button_is_called_by_one_word_in_kazakh() -> None:
    """It is a «батырма» everywhere, as in the glossary: whoever hesitates presses nothing."""
    found = [
        key
        for language, key, message in _every_text()
        for text in _strings(message)
        if language is Language.KK and "түйме" in text.lower()
    ]
    assert found == []


def test_no_text_promises_that_help_is_coming() -> None:
    """Only what is known is said: who saw it, and when."""
    found = [
        (language.value, key)
        for language, key, message in _every_text()
        for text in _strings(message)
        for pattern in HELP_IS_COMING
        if re.search(pattern, text, re.IGNORECASE)
    ]
    assert found == []


@pytest.mark.parametrize(
    "said",
    [
        "All members are here.",
        "Aman was stopped.",
        "Помощь уже едет",
        "Help is on its way.",
        "көмек келе жатыр",
        "Наше сообщество",
        "Тобымыздың мүшесі",
    ],
)
def test_the_lists_of_what_must_not_be_said_find_it(said: str) -> None:
    """The two checks above can fail."""
    assert any(re.search(one, said, re.IGNORECASE) for one in (*FORBIDDEN, *HELP_IS_COMING))


def test_labels_and_answers_fit_and_have_no_markup() -> None:
    """A label is readable on a small phone; an answer on top of the chat is not cut off."""
    refusals = _refusal_keys()
    for language, key, message in _every_text():
        for text in _filled(message, "0123456789"):
            where = (language.value, key, len(text))
            if key.startswith(("button-", "key-")):
                assert len(text) <= BUTTON_LENGTH, where
            if key.startswith("answer-") or key in refusals:
                assert len(text) <= ANSWER_LENGTH, where
            if key.startswith("menu-"):
                assert len(text) <= MENU_LENGTH, where
            if key.startswith(PLAIN_PREFIXES) or key in refusals:
                assert not set(text) & set("<>&"), where
            assert len(text.encode("utf-16-le")) // 2 <= TEXT_LENGTH, where


def test_english_labels_say_what_people_and_guides_rely_on() -> None:
    """The words of the buttons are part of the contract with the outside."""
    texts = Texts.load()
    labels = {
        texts.plain(Language.EN, key)
        for key in ("button-cancel", "button-skip", "button-confirm", "button-show")
    }
    assert labels == {"Cancel", "Skip", "Confirm", "Show"}


# ---------------------------------------------------------------- markup


def _read_markup(text: str) -> str:
    """Read Telegram HTML strictly; give what a person sees, or raise ValueError."""
    seen: list[str] = []
    opened: list[str] = []
    for tag, name, entity, stray, plain in re.findall(
        r"(</?(b|i|code)>)|(&(?:lt|gt|amp|quot);)|([<>&])|([^<>&]+)", text
    ):
        if stray:
            raise ValueError(f"stray {stray}")
        if tag.startswith("</"):
            if not opened or opened.pop() != name:
                raise ValueError(f"{tag} closes nothing")
        elif tag:
            opened.append(name)
        seen.append(html.unescape(entity) + plain)
    if opened:
        raise ValueError(f"{opened} left open")
    return "".join(seen)


@pytest.mark.parametrize(
    "broken", ["<b>a", "a</b>", "<b><i>a</b></i>", "a < b", "<u>a</u>", "a & b"]
)
def test_the_reader_of_markup_refuses_what_telegram_refuses(broken: str) -> None:
    """The check below can fail."""
    with pytest.raises(ValueError, match=r"stray|closes|left open"):
        _read_markup(broken)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_a_text(hostile: str) -> None:
    """Whatever somebody types as a name, every text stays whole and shows it as typed."""
    texts = Texts.load()
    for language, key, message in _every_text():
        names = {name for text in _strings(message) for name in _placeholders(text)}
        values = dict.fromkeys(names, hostile)
        if message.pluralizable:
            values.pop("n", None)
            said = [texts.count(language, key, number, **values) for number in (1, 2, 5)]
        else:
            said = [texts.say(language, key, **values)]
        for text in said:
            seen = _read_markup(text)
            assert not values or visible(hostile) in seen or message.pluralizable, (language, key)
            text.encode()  # no half of a letter is left, which could not be sent


@given(st.text())
def test_a_value_is_escaped_exactly_once(value: str) -> None:
    """What a person typed comes out as they typed it, less what nobody can see."""
    escaped = html.escape(visible(value), quote=False)
    texts = _texts_of(title="<b>{name}</b>: {name}")
    assert texts.say(Language.EN, "title", name=value) == f"<b>{escaped}</b>: {escaped}"
    assert (
        texts.plain(Language.EN, "title", name=value)
        == f"<b>{visible(value)}</b>: {visible(value)}"
    )


def test_markup_made_by_a_renderer_is_not_escaped_again() -> None:
    """Only `Html` passes; the type says who answers for it."""
    texts = _texts_of(title="{name}")
    assert texts.say(Language.EN, "title", name=Html("<b>5 &amp; 6</b>")) == "<b>5 &amp; 6</b>"
    assert texts.say(Language.EN, "title", name="<b>") == "&lt;b&gt;"


def test_marks_that_turn_the_line_around_are_taken_out() -> None:
    """A name cannot make another name, or a time, read backwards; line breaks and emoji stay."""
    assert visible("Da\u202ena\u200f\x00\ud83d\r\n👩‍👧") == "Dana\n👩‍👧"


# ---------------------------------------------------------------- the search


def _write(directory: Path, language: Language, domain: str, **texts: str) -> None:
    folder = directory / language.value / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    body = "".join(f'\nmsgid "{key}"\nmsgstr "{text}"\n' for key, text in texts.items())
    (folder / f"{domain}.po").write_text(header + body, encoding="utf-8")


def _texts_of(**texts: str) -> Texts:
    catalogs = {language: Catalog(locale=language.value) for language in Language}
    for key, text in texts.items():
        for catalog in catalogs.values():
            catalog.add(key, text)
    return Texts(catalogs, Language.EN)


def test_a_text_is_looked_for_in_ones_language_then_the_default_then_english(
    tmp_path: Path,
) -> None:
    """A team that adds a text of its own in one language leaves nobody with an empty screen."""
    _write(tmp_path, Language.KK, "own", first="бір")
    _write(tmp_path, Language.RU, "own", first="один", second="два")
    _write(tmp_path, Language.EN, "own", first="one", second="two", third="three")
    texts = Texts.load(tmp_path, Language.RU)
    said = [texts.say(Language.KK, key) for key in ("first", "second", "third")]
    assert said == ["бір", "два", "three"]


def test_an_unknown_text_is_a_fault_and_never_a_bare_key() -> None:
    """A person is never shown `alarm-seen`."""
    texts = Texts.load()
    for speak in (texts.say, texts.plain):
        with pytest.raises(KeyError, match="no-such-text"):
            speak(Language.KK, "no-such-text")
    with pytest.raises(KeyError, match="no-such-text"):
        texts.count(Language.RU, "no-such-text", 3)
    with pytest.raises(KeyError, match="no-such-text"):
        texts.require(["saved", "no-such-text"])
    texts.require(["saved"])


def test_a_placeholder_without_its_value_is_a_fault() -> None:
    """Nobody reads a sentence with a hole in it."""
    with pytest.raises(KeyError):
        _texts_of(title="Seen {time}.").say(Language.EN, "title")


def test_two_features_cannot_use_one_key(tmp_path: Path) -> None:
    """Which of two texts is shown never depends on the order of files."""
    for language in Language:
        _write(tmp_path, language, "first", same="a")
        _write(tmp_path, language, "second", same="b")
    with pytest.raises(ValueError, match=r"second\.po says same again"):
        Texts.load(tmp_path)


def test_a_malformed_catalogue_stops_the_start(tmp_path: Path) -> None:
    """A slip in a translation is found before the evening, not during it."""
    for language in Language:
        _write(tmp_path, language, "first", good="a")
    (tmp_path / "ru" / "LC_MESSAGES" / "first.po").write_text(
        'msgid "a"\nmgstr "b"', encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"first\.po"):
        Texts.load(tmp_path)


def test_russian_counts_in_three_forms_kazakh_and_english_in_two() -> None:
    """One person, two people, five people, twenty-one people."""
    catalogs = {language: Catalog(locale=language.value) for language in Language}
    catalogs[Language.EN].add(("people", "people"), ("{n} person", "{n} people"))
    catalogs[Language.RU].add(
        ("people", "people"), ("{n} человек", "{n} человека", "{n} человек!")
    )
    catalogs[Language.KK].add(("people", "people"), ("{n} адам", "{n} адам!"))
    texts = Texts(catalogs, Language.EN)
    numbers = (0, 1, 2, 5, 11, 21)
    assert [texts.count(Language.EN, "people", number) for number in numbers[:3]] == [
        "0 people",
        "1 person",
        "2 people",
    ]
    assert [texts.count(Language.RU, "people", number) for number in numbers] == [
        "0 человек!",
        "1 человек",
        "2 человека",
        "5 человек!",
        "11 человек!",
        "21 человек",
    ]
    assert texts.count(Language.KK, "people", 1) == "1 адам"


def test_times_and_days_are_those_of_the_events_zone() -> None:
    """Half past midnight in Almaty is a day later than in London, and is told so."""
    texts = Texts.load()
    almaty = ZoneInfo("Asia/Almaty")
    moment = datetime(2026, 5, 27, 19, 30, tzinfo=UTC)
    assert {texts.time(language, moment, almaty) for language in Language} == {"00:30"}
    day = date(2026, 5, 28)
    assert [texts.day(language, day) for language in (Language.EN, Language.RU, Language.KK)] == [
        "Thu 28 May",
        "чт 28 мая",
        "бс 28 мам",
    ]


# ---------------------------------------------------------------- the code and the catalogues


KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
SPEAKERS = {"say", "count", "plain", "button", "RefusalError", "Say", "Refused", "require_text"}
NAMED = {"help", "question"}


@cache
def _trees() -> tuple[ast.Module, ...]:
    files = (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))
    return tuple(ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in files)


def _nodes() -> Iterator[ast.AST]:
    return (node for tree in _trees() for node in ast.walk(tree))


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _text(node: ast.AST | None) -> str | None:
    match node:
        case ast.Constant(value=str(text)) if KEY.fullmatch(text):
            return text
        case _:
            return None


def _refusal_keys() -> set[str]:
    """Give the keys of refusals: shown in the chat, or on top of it after a press."""
    calls = (node for node in _nodes() if isinstance(node, ast.Call) and node.args)
    keys = (_text(call.args[0]) for call in calls if _name(call) == "RefusalError")
    return {key for key in keys if key is not None}


def _spoken_keys() -> set[str]:
    """Give the keys that the code says, where they are written out."""
    found: set[str | None] = set()
    for node in _nodes():
        match node:
            case ast.Call(args=args, keywords=keywords):
                if _name(node) in SPEAKERS:
                    found |= {_text(argument) for argument in args[:2]}
                found |= {_text(one.value) for one in keywords if one.arg in NAMED}
            case ast.Assign(targets=[ast.Name(id=name)]) if name in NAMED:
                found.add(_text(node.value))
            case _:
                pass
    return {key for key in found if key is not None}


def test_every_text_that_the_code_says_exists() -> None:
    """A missing text is found here, not by a person who is waiting for an answer."""
    missing = _spoken_keys() - Texts.load().keys
    assert not missing, sorted(missing)


def test_every_text_is_said_by_some_code() -> None:
    """Translators work on nothing that nobody ever reads; `common` alone is kept in stock."""
    written = {node.value for node in _nodes() if isinstance(node, ast.Constant)}
    prefixes = tuple(
        node.values[0].value
        for node in _nodes()
        if isinstance(node, ast.JoinedStr)
        and node.values
        and isinstance(node.values[0], ast.Constant)
        and isinstance(node.values[0].value, str)
        and node.values[0].value.endswith("-")
    )
    in_stock = _messages(Language.EN, "common").keys()
    unsaid = [
        key
        for key in sorted(Texts.load().keys - in_stock)
        if key not in written and not key.startswith(prefixes)
    ]
    assert unsaid == [], unsaid
