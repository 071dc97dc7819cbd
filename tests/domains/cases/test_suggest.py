"""Category suggestion: on the first day, after learning, and when nothing fits."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import csv_data
from mulin.domains.cases.suggest import CASES, CategoryWords, Counts, Suggester, words_of
from tests.domains.cases.residents_words import REPORTS
from tests.domains.cases.test_directory_data import CASES_DATA

OTHER = "9901"
EMPTY_WORDS = ("你好", "谢谢领导", "1234", "test", "", "   ", "😀😀", "麻烦帮忙看一下", "我想反映一个问题")


def directory() -> list[CategoryWords]:
    rows = csv_data.rows(CASES_DATA / "categories.csv")
    return [CategoryWords(r["code"], r["group_code"], tuple(filter(None, r["keywords"].split("|")))) for r in rows]


DIRECTORY = directory()
CODES = {category.code for category in DIRECTORY}
FRESH = Suggester(DIRECTORY, fallback=OTHER)


def fresh(counts: Counts | None = None) -> Suggester:
    return Suggester(DIRECTORY, fallback=OTHER, counts=counts)


def learned() -> Suggester:
    suggester = fresh()
    for code, text in REPORTS:
        for _ in range(5):
            suggester.learn(text, code)
    return suggester


def share_right(suggester: Suggester) -> float:
    return sum(suggester.suggest(text)[0].code == code for code, text in REPORTS) / len(REPORTS)


def test_knows_short_reports_on_the_first_day() -> None:
    assert share_right(fresh()) >= 0.95


def test_the_right_category_is_among_three() -> None:
    missed = [text for code, text in REPORTS if code not in {s.code for s in FRESH.suggest(text)}]
    assert missed == []


def test_what_was_learned_does_not_spoil_short_reports() -> None:
    assert share_right(learned()) >= 0.95


@pytest.mark.parametrize("text", EMPTY_WORDS)
@pytest.mark.parametrize("suggester", [FRESH, learned()], ids=["fresh", "learned"])
def test_other_when_nothing_fits(suggester: Suggester, text: str) -> None:
    assert suggester.suggest(text)[0].code == OTHER


def test_says_because_of_which_words() -> None:
    suggestion = FRESH.suggest("楼道里有人飞线充电")[0]

    assert suggestion.code == "0702"
    assert set(suggestion.because) >= {"飞线充电"}


def test_the_desk_teaches_a_word_the_directory_does_not_know() -> None:
    suggester = learned()
    assert suggester.suggest("旋耳子又响了")[0].code == OTHER

    for text in ("旋耳子整夜响", "又是旋耳子", "旋耳子太吵", "旋耳子响个不停", "半夜旋耳子") * 3:
        suggester.learn(text, "0605")

    suggestion = suggester.suggest("旋耳子又响了")[0]
    assert suggestion.code == "0605"
    assert "旋耳" in suggestion.because


def test_learning_an_unknown_category_is_refused_and_changes_nothing() -> None:
    suggester = fresh()

    with pytest.raises(KeyError):
        suggester.learn("路灯坏了", "0000")

    assert (suggester.counts.words, suggester.counts.cases) == ({}, {})


def test_a_category_that_left_the_directory_is_not_suggested() -> None:
    suggester = learned()
    shorter = Suggester([c for c in DIRECTORY if c.code != "0102"], fallback=OTHER, counts=suggester.counts)

    codes = {s.code for s in shorter.suggest("我们这条巷子的路灯坏了一个星期了", limit=200)}

    assert "0102" not in codes


def test_counts_of_only_retired_categories_leave_the_keywords_to_decide() -> None:
    counts = Counts()
    counts.add(words_of("路灯坏了"), "8888")

    assert fresh(counts).suggest("路灯坏了") == FRESH.suggest("路灯坏了")


def test_stored_counts_suggest_the_same() -> None:
    suggester = learned()
    again = fresh(Counts.from_rows(suggester.counts.rows()))

    assert [again.suggest(text) for _, text in REPORTS] == [suggester.suggest(text) for _, text in REPORTS]


def test_a_word_of_one_case_only_is_not_stored() -> None:
    suggester = fresh()
    suggester.learn("赵钱孙家门口路灯坏了", "0102")
    suggester.learn("桥头路灯坏了", "0102")

    stored = {word for word, _, _ in suggester.counts.rows()}

    assert stored >= {CASES, "路灯"}
    assert not any("赵" in word for word in stored)


def test_the_stored_words_are_bounded() -> None:
    rows = list(learned().counts.rows(limit=50))

    assert len({word for word, _, _ in rows if word != CASES}) == 50


def test_numbers_and_latin_letters_are_never_counted() -> None:
    assert words_of("电话13800000000，车牌贵C12345，abc") == words_of("电话 车牌贵")


@given(st.text(max_size=3_000), st.integers(min_value=1, max_value=8))
def test_any_text_gets_ranked_known_categories(text: str, limit: int) -> None:
    found = FRESH.suggest(text, limit)

    assert 1 <= len(found) <= limit
    assert {s.code for s in found} <= CODES
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert sum(s.score for s in found) <= 1.001


@given(st.sampled_from(REPORTS), st.text(alphabet=" \n\t", max_size=5))
def test_white_space_does_not_matter(report: tuple[str, str], space: str) -> None:
    text = report[1]
    assert FRESH.suggest(space.join(text)) == FRESH.suggest(text)


def test_is_quick_enough_to_run_while_typing() -> None:
    suggester = learned()
    text = "。".join(text for _, text in REPORTS)
    best = min(_seconds(suggester, text) for _ in range(20))

    assert best < 0.02, "two milliseconds are usual; ten times that means a loop went wrong"


def _seconds(suggester: Suggester, text: str) -> float:
    start = perf_counter()
    suggester.suggest(text)
    return perf_counter() - start
