"""Judge the definition of an indicator, a form or a field: what burdens people at work is refused with its article."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mulin.core.csv_data import rows
from mulin.core.errors import Invalid

FOLDER = Path(__file__).parent
# How the same word is written to slip through: traditional characters, gaps, signs between the characters.
SIMPLIFIED = str.maketrans(
    "簽軌跡轉發讚贊線時長積點錄頻畫圖視報數計鐘頭評論個網員戶樓棟幹務標",
    "签轨迹转发赞赞线时长积点录频画图视报数计钟头评论个网员户楼栋干务标",
)
_GAPS = re.compile(r"(?<=[\u4e00-\u9fff])[\s·.\-_*/\u200b-\u200f\u2060\ufeff]+(?=[\u4e00-\u9fff])")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SIGNS = re.compile(r"[\W_]+", re.ASCII)
_PER_PERSON = re.compile(
    r"[/／每]\s*(人|名|员|person|head|worker|employee|staff)|人均|per (person|head|worker|staff)", re.IGNORECASE
)
_NAMED_RULE = re.compile(r"《.+》|〔\d{4}〕|第.+条|[A-Z]{2}/?T? ?\d{3,}")
_FIGURE_OF_PLANNING = re.compile(r"户|人口|面积|居民|households|residents|m2|㎡")


class Kind(StrEnum):
    INDICATOR = "INDICATOR"
    FORM = "FORM"
    FIELD = "FIELD"
    CATEGORY = "CATEGORY"
    """What a resident may report. It asks nothing of the people who work here, so it is not judged."""


@dataclass(frozen=True)
class Definition:
    """What somebody wants to count, or to have filled in."""

    code: str
    kind: Kind
    name_zh: str = ""
    name_en: str = ""
    required: bool = False
    unit: str = ""
    per: str = ""
    """`PERSON` when it is counted for each person who works here."""
    basis: str = ""
    """The rule that makes a photo necessary; a law is named, not a wish."""

    @property
    def is_counted(self) -> bool:
        return self.kind == Kind.INDICATOR

    @property
    def is_per_person(self) -> bool:
        return self.per.upper() == "PERSON" or bool(_PER_PERSON.search(self.unit))


@dataclass(frozen=True)
class Ban:
    code: str
    name_zh: str
    name_en: str
    article_zh: str
    article_en: str
    in_emergencies: bool
    """Whether the article itself leaves room for an emergency."""

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_zh

    @property
    def article(self) -> str:
        return self.article_en if _in_english() else self.article_zh


@dataclass(frozen=True)
class Finding:
    ban: Ban
    word: str


class Burdensome(Invalid):
    """The article is in the sentence, so that whoever was told to add it can show it to who told them."""

    code = "burdensome"
    status = 422
    remedy = _(
        "不要加这一项。确因安保、应急需要打卡或统计在线时长的，由指挥中心在急时状态内写明理由和依据申请，到时自动结束。"
    )


def _in_english() -> bool:
    return (get_language() or "").startswith("en")


@cache
def bans() -> Mapping[str, Ban]:
    return {
        row["code"]: Ban(
            row["code"],
            row["name_zh"],
            row["name_en"],
            row["article_zh"],
            row["article_en"],
            in_emergencies=row["emergency"] == "true",
        )
        for row in rows(FOLDER / "bans.csv")
    }


@cache
def _words() -> list[tuple[Ban, str, re.Pattern[str]]]:
    return [(bans()[row["ban"]], row["when"], re.compile(row["pattern"])) for row in rows(FOLDER / "words.csv")]


@cache
def _friends() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows(FOLDER / "friends.csv")))


_WHEN: Mapping[str, Callable[[Definition], bool]] = {
    "always": lambda one: True,
    "counted": lambda one: one.is_counted,
    "required": lambda one: one.required and not _NAMED_RULE.search(one.basis),
}


def judge(one: Definition) -> list[Finding]:
    """Return what is wrong with a definition; nothing for one that may be added."""
    if one.kind == Kind.CATEGORY:
        return []
    text = _friends().sub("。", plain(" 。 ".join((one.name_zh, one.name_en, one.code, one.unit))))
    found: dict[str, Finding] = {}
    for ban, when, pattern in _words():
        match = pattern.search(text)
        if match and _WHEN[when](one):
            found.setdefault(ban.code, Finding(ban, match.group()))
    if one.is_counted and one.is_per_person and not _FIGURE_OF_PLANNING.search(one.name_zh + one.name_en.lower()):
        found.setdefault("QUOTA", Finding(bans()["QUOTA"], one.unit or one.per))
    return list(found.values())


def plain(text: str) -> str:
    """Return a text as it is judged: one form of each character, no gaps within words, identifiers as words."""
    text = unicodedata.normalize("NFKC", text).translate(SIMPLIFIED)
    text = _HUMP.sub(" ", _GAPS.sub("", text)).lower()
    return "".join(_SIGNS.sub(" ", part) if part.isascii() else part for part in re.split(r"([\x00-\x7f]+)", text))


def refuse_burden(definitions: Iterable[Definition], *, excepted: Iterable[tuple[str, str]] = ()) -> None:
    """Raise Burdensome for definitions that may not be added; `excepted` are (code, ban) allowed for now."""
    allowed = set(excepted)
    found = [(one, f) for one in definitions for f in judge(one) if (one.code, f.ban.code) not in allowed]
    if found:
        one, first = found[0]
        raise Burdensome(
            _("“%(name)s”属于%(ban)s，不能加。%(article)s。")
            % {"name": one.name_zh or one.name_en or one.code, "ban": first.ban.name, "article": first.ban.article},
            findings=[_told(one, finding) for one, finding in found],
        )


def _told(one: Definition, finding: Finding) -> dict[str, Any]:
    return {"code": one.code, "ban": finding.ban.code, "word": finding.word, "article": finding.ban.article}
