"""The burden linter: what is forbidden is found however it is worded; what only looks like it passes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import csv_data
from mulin.core.burden import linter
from mulin.core.burden.linter import Burdensome, Definition, Kind, judge, refuse_burden

FOLDER = Path(linter.__file__).parent
INDICATOR, FIELD, FORM = Kind.INDICATOR, Kind.FIELD, Kind.FORM


def bans_of(name: str, kind: Kind = INDICATOR, **more) -> set[str]:
    english = name.isascii()
    one = Definition("X", kind, name_zh="" if english else name, name_en=name if english else "", **more)
    return {finding.ban.code for finding in judge(one)}


# What is forbidden, in many wordings; rows without a ban only look like it and pass.
EXAMPLES = csv_data.rows(Path(__file__).with_name("burden_examples.csv"))
REFUSED = [(row["ban"], row["name"]) for row in EXAMPLES if row["ban"]]
ONLY_COUNTED = [row["name"] for row in EXAMPLES if row["when"] == "counted"]
PASSES = [row["name"] for row in EXAMPLES if not row["ban"]]


@pytest.mark.parametrize(("ban", "name"), REFUSED)
@pytest.mark.parametrize("kind", [INDICATOR, FORM])
def test_what_is_forbidden_is_found_however_it_is_worded(ban, name, kind):
    if kind == FORM and name in ONLY_COUNTED:
        pytest.skip("only counting these is a burden")
    assert ban in bans_of(name, kind)


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("kind", list(Kind))
def test_what_only_looks_like_it_passes(name, kind):
    assert bans_of(name, kind, required=True) == set()


@pytest.mark.parametrize("row", csv_data.rows(FOLDER / "words.csv"), ids=lambda row: row["example"])
def test_every_row_of_words_finds_its_own_example(row):
    assert row["ban"] in bans_of(row["example"], INDICATOR if row["when"] == "counted" else FIELD, required=True)


def test_a_photo_is_a_burden_only_when_it_must_be_sent_and_no_rule_asks_for_it():
    assert bans_of("现场照片", FIELD) == set()
    assert bans_of("现场照片", FIELD, required=True) == {"PHOTO"}
    assert bans_of("现场照片", FIELD, required=True, basis="领导要求") == {"PHOTO"}
    assert bans_of("整改前后照片", FIELD, required=True, basis="《重大火灾隐患判定规则》GB 35181") == set()
    assert bans_of("Photo of the visit", FORM, required=True) == {"PHOTO"}
    assert bans_of("现场照片数", INDICATOR, basis="《某规定》") == {"PHOTO"}


def test_what_is_counted_for_each_person_is_a_quota():
    assert bans_of("走访次数", INDICATOR) == set()
    assert bans_of("走访次数", INDICATOR, per="PERSON") == {"QUOTA"}
    assert bans_of("走访", INDICATOR, unit="次/人") == {"QUOTA"}
    assert bans_of("Visits", INDICATOR, unit="visits per person") == {"QUOTA"}
    assert bans_of("服务户数", INDICATOR, per="PERSON") == set(), (
        "how many households one worker looks after is planning"
    )


def test_what_residents_may_complain_of_is_not_judged():
    assert judge(Definition("0199", Kind.CATEGORY, "强制打卡投诉", "Forced check-ins")) == []


@pytest.mark.parametrize("ban", linter.bans().values(), ids=lambda ban: ban.code)
def test_every_ban_names_its_article_in_both_languages(ban):
    assert "国办函〔2026〕12号" in ban.article_zh
    assert "No. 12" in ban.article_en
    assert ban.name_zh
    assert ban.name_en


def test_only_where_the_article_says_so_an_emergency_is_an_exception():
    assert {ban.code for ban in linter.bans().values() if ban.in_emergencies} == {"CHECK_IN", "ONLINE_TIME"}
    assert all("应急" in ban.article_zh for ban in linter.bans().values() if ban.in_emergencies)


def test_the_refusal_names_thing_and_article():
    with pytest.raises(Burdensome) as refused:
        refuse_burden([Definition("A", INDICATOR, "解决率"), Definition("B", INDICATOR, "打卡率")])
    assert "打卡率" in str(refused.value.sentence)
    assert "禁止情形（二）" in str(refused.value.sentence)
    assert [(f["code"], f["ban"]) for f in refused.value.details["findings"]] == [("B", "CHECK_IN")]
    refuse_burden([Definition("B", INDICATOR, "打卡率")], excepted=[("B", "CHECK_IN")])
    with pytest.raises(Burdensome):
        refuse_burden([Definition("B", INDICATOR, "打卡率排名")], excepted=[("B", "CHECK_IN")])


@given(st.text(max_size=60), st.sampled_from(Kind), st.booleans())
def test_any_text_is_judged_without_a_crash_and_in_the_same_way_twice(text, kind, required):
    one = Definition("x", kind, text, text, required=required)
    assert judge(one) == judge(one)


@given(
    st.sampled_from([name for _ban, name in REFUSED]),
    st.text("的区年度（）月", max_size=6),
    st.text("情况表统计", max_size=4),
)
def test_words_around_it_do_not_hide_it(name, before, after):
    assert bans_of(f"{before}。{name}。{after}", INDICATOR)
