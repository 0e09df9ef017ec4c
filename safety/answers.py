"""What people type where a button says *Skip*: "nobody" is no name, and "none" is no need.

Kept as it stands, it would one day be told to a person who does not exist.
"""

from safety.spelling import read_words

_NOTHING = """
no / none / nobody / no one / nothing / skip / not needed
don't know / i don't know / do not know / unknown / not known / nobody knows
нет / никто / никому / никого / некому / ничего / не надо / не нужно / пропустить
не знаю / неизвестно / никто не знает / не знаем
білмеймін / белгісіз / ешкім білмейді / білмейміз
жоқ / ешкім / ешкімге / ештеңе / ештеңе керек емес / керек емес / қажет емес / өткізіп жіберу
"""
NOTHING = frozenset(
    read_words(words) for line in _NOTHING.strip().splitlines() for words in line.split(" / ")
)


def means_nothing(typed: str) -> bool:
    """Say whether this is no answer: a word for it, or not one letter or digit at all."""
    is_blank = not any(letter.isalnum() for letter in typed)
    return is_blank or read_words(typed) in NOTHING
