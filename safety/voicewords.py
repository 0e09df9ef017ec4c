"""Words for the voice check: two of them on the person's screen, asked for on the phone.

Short, everyday, hard to mishear over a bad line, and none of them says anything about a meeting.
"""

from collections.abc import Mapping

from safety.languages import Language

VOICE_WORDS: Mapping[Language, tuple[str, ...]] = {
    Language.EN: (
        "river", "candle", "window", "orange", "blanket", "garden", "pencil", "button",
        "winter", "ladder", "mirror", "pillow", "rocket", "saddle", "teapot", "umbrella",
        "violin", "walnut", "carpet", "dolphin", "feather", "hammer", "jacket", "kitten",
        "lemon", "muffin", "needle", "otter", "parrot", "rainbow", "spoon", "tunnel",
        "basket", "cherry", "diamond", "engine", "falcon", "guitar", "honey", "island",
    ),
    Language.RU: (
        "река", "свеча", "окно", "апельсин", "одеяло", "сад", "карандаш", "пуговица",
        "зима", "лестница", "зеркало", "подушка", "ракета", "седло", "чайник", "зонт",
        "скрипка", "орех", "ковёр", "дельфин", "перо", "молоток", "куртка", "котёнок",
        "лимон", "булочка", "иголка", "выдра", "попугай", "радуга", "ложка", "туннель",
        "корзина", "вишня", "алмаз", "мотор", "сокол", "гитара", "мёд", "остров",
    ),
    Language.KK: (
        "өзен", "шам", "терезе", "алма", "көрпе", "бақша", "қарындаш", "түйме",
        "қыс", "саты", "айна", "жастық", "зымыран", "ер-тоқым", "шәйнек", "қолшатыр",
        "домбыра", "жаңғақ", "кілем", "балық", "қауырсын", "балға", "күрте", "мысық",
        "лимон", "тоқаш", "ине", "құндыз", "тоты", "кемпірқосақ", "қасық", "үңгір",
        "себет", "шие", "гауһар", "қозғалтқыш", "сұңқар", "гитара", "бал", "арал",
    ),
}  # fmt: skip
