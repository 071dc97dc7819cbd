"""The category directory and the dated settings that ship with the cases."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import mulin.domains
from mulin.core import csv_data
from mulin.core.clocks import Allowance, ClockKind
from mulin.domains.cases.models import Satisfied, Solved
from mulin.domains.cases.states import Status
from mulin.domains.places.models import Tier

DOMAINS = Path(mulin.domains.__path__[0])
CASES_DATA = DOMAINS / "cases" / "data"
FILES = (
    "categories",
    "reject_reasons",
    "return_reasons",
    "pause_reasons",
    "extension_rules",
    "rate_definitions",
    "settings",
)
CATEGORIES = csv_data.rows(CASES_DATA / "categories.csv")
KINDS = csv_data.rows(DOMAINS / "organisations" / "data" / "organisation_kinds.csv")
GROUPS = {
    "01": "公共设施",
    "02": "道路交通",
    "03": "市容环境",
    "04": "园林绿化",
    "05": "房屋与物业",
    "06": "邻里与噪声",
    "07": "公共安全",
    "08": "民生照护",
    "09": "政策咨询与政务服务",
    "10": "文化与社区生活",
    "11": "市场与消费",
    "12": "劳动与社会保障",
    "13": "教育",
    "14": "医疗健康",
    "15": "规划与农村",
    "99": "其他",
}
PART = re.compile(r"(\w+):([A-Z]+)=(\d+(?:\.\d+)?)")


def rows(name: str) -> list[dict[str, str]]:
    return csv_data.rows(CASES_DATA / f"{name}.csv")


def column(name: str, of: str) -> list[str]:
    return [row[of] for row in rows(name)]


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_dated_and_tells_its_region_and_source(name: str) -> None:
    for row in rows(name):
        assert date.fromisoformat(row["valid_from"]) <= date(2011, 1, 1)
        assert row["region"] == "CN"
        assert 0 < len(row["source"]) <= 300
        assert None not in row, f"too many columns: {row}"
        assert None not in row.values(), f"too few columns: {row}"


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"extension_rules", "settings"}])
def test_codes_are_unique_and_named_in_both_languages(name: str) -> None:
    assert [code for code, times in Counter(column(name, "code")).items() if times > 1] == []
    assert all(row["name_zh"] and row["name_en"] for row in rows(name))


def test_every_group_is_there_under_one_name() -> None:
    assert {row["group_code"]: row["group_zh"] for row in CATEGORIES} == GROUPS
    assert len({(row["group_code"], row["group_zh"], row["group_en"]) for row in CATEGORIES}) == len(GROUPS)
    assert all(row["code"][:2] == row["group_code"] and len(row["code"]) == 4 for row in CATEGORIES)


def test_names_are_unique() -> None:
    for language in ("name_zh", "name_en"):
        assert [n for n, times in Counter(row[language] for row in CATEGORIES).items() if times > 1] == []


def test_tiers_and_clocks_are_those_of_the_code() -> None:
    for row in CATEGORIES:
        assert row["lowest_tier"] in Tier.names
        respond = Allowance(int(row["respond_amount"]), ClockKind[row["respond_clock"]])
        resolve = Allowance(int(row["resolve_amount"]), ClockKind[row["resolve_clock"]])
        assert _at_most_minutes(respond) <= _at_most_minutes(resolve), row["code"]


def _at_most_minutes(allowance: Allowance) -> int:
    per_unit = {ClockKind.CONTINUOUS: 1, ClockKind.WORKING_HOURS: 3, ClockKind.WORKING_DAYS: 24 * 60}
    return allowance.amount * per_unit[allowance.kind]


def test_life_and_property_run_on_the_continuous_clock() -> None:
    urgent = [row for row in CATEGORIES if row["urgent"] == "true"]

    assert len(urgent) >= 8
    assert {row["respond_clock"] for row in urgent} == {"CONTINUOUS"}
    assert all(int(row["respond_amount"]) <= 60 for row in urgent)
    assert {row["urgent"] for row in CATEGORIES} == {"true", "false"}


def test_every_organisation_kind_named_exists() -> None:
    known = {row["code"] for row in KINDS}
    for row in CATEGORIES:
        lead = row["lead_organisation_kinds"].split("|")
        assist = list(filter(None, row["assist_organisation_kinds"].split("|")))
        assert lead != [""], row["code"]
        assert set(lead) | set(assist) <= known, row["code"]
        assert not set(lead) & set(assist), row["code"]


def test_organisation_kinds_are_complete() -> None:
    assert len({row["code"] for row in KINDS}) == len(KINDS)
    assert {row["level"] for row in KINDS} == {"COUNTY", "UTILITY", "STREET", "COMMUNITY", "PARTY", "PARTNER"}
    assert all(row["name_zh"] and row["name_en"] for row in KINDS)


def test_every_category_but_other_has_keywords_of_two_characters_or_more() -> None:
    for row in CATEGORIES:
        words = [word.removesuffix("~") for word in row["keywords"].split("|") if word]
        assert len(words) == len(set(words)), row["code"]
        assert all(len(word) >= 2 and not re.search(r"[\s,，。]", word) for word in words), row["code"]
        assert bool(words) == (row["code"] != "9901"), row["code"]


def test_cross_references_have_the_form_of_the_standard() -> None:
    references = [ref for row in CATEGORIES for ref in row["gbt_30428"].split("|") if ref]

    assert len(references) >= 30
    assert all(re.fullmatch(r"[PE]0[1-6]\d\d", ref) for ref in references)


def test_the_lawful_grounds_for_refusing_a_case_are_all_there() -> None:
    lawful = {row["code"] for row in rows("reject_reasons") if row["by_law"] == "true"}

    assert lawful == {
        "EMERGENCY_LINE",
        "LITIGATION_OR_PETITION",
        "REPEATED_NO_NEW_FACTS",
        "SECRET_OR_PRIVACY",
        "OUT_OF_REMIT",
        "UNLAWFUL",
    }
    assert all(row["go_to_zh"] and row["go_to_en"] for row in rows("reject_reasons"))


def test_rates_are_sums_of_named_parts() -> None:
    for row in rows("rate_definitions"):
        for part in filter(None, f"{row['numerator']}|{row['denominator']}".split("|")):
            matched = PART.fullmatch(part)
            assert matched, f"{row['code']}: {part}"
            assert 0 <= float(matched[3]) <= 1
        assert set(row["excluded_statuses"].split("|")) <= set(Status.values)


def test_every_answer_of_a_rating_has_a_weight() -> None:
    numerators = "|".join(column("rate_definitions", "numerator"))
    weighed = {(match[1], match[2]) for match in PART.finditer(numerators)}

    assert {answer for part, answer in weighed if part == "solved"} == set(Solved.values)
    assert {answer for part, answer in weighed if part == "satisfied"} == set(Satisfied.values)


def test_the_three_rates_are_defined() -> None:
    assert {"RESPONSE_RATE", "SOLVED_RATE", "SATISFIED_RATE", "FIRST_CONTACT_TIME"} <= set(
        column("rate_definitions", "code")
    )


def test_settings_are_positive_numbers() -> None:
    names = column("settings", "name")

    assert len(names) == len(set(names))
    assert all(json.loads(value) > 0 for value in column("settings", "value"))
    assert {"rating_lapse_days", "reopen_days", "whistle_arrive_working_minutes"} <= set(names)


def test_extensions_are_bounded_on_every_clock() -> None:
    assert set(column("extension_rules", "resolve_clock")) == set(ClockKind.__members__)
    for row in rows("extension_rules"):
        assert int(row["most_times"]) >= 1
        assert int(row["most_amount"]) >= 1
        assert row["reason_required"] == "true"
        assert row["approved_by_tier"] in Tier.names
