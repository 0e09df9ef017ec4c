"""Words that are no answer, and answers that only look like them."""

import pytest

from safety.answers import means_nothing


@pytest.mark.parametrize(
    "typed",
    [
        *("нет", "Никому!", "никого", "Не надо", "nobody", "No one.", "none", "-", "—", "🙂"),
        *("ешкімге", "Ешкимге", "жок", "Ештеңе керек емес", "NO", "skip", "пропустить"),
    ],
)
def test_words_for_nobody_and_nothing_are_no_answer(typed: str) -> None:
    """Hurried, misspelt, in any of the three languages."""
    assert means_nothing(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("Нет ступеней, пожалуйста", "no nuts, please", "Никита, +7 700", "Ноэль", "мама 8701"),
        *("ешкімге айтпаңыз, тек анама", "No stairs", "7", "жоқтау"),
    ],
)
def test_an_answer_that_begins_like_them_is_one(typed: str) -> None:
    """Nothing that somebody needs is lost."""
    assert not means_nothing(typed)
