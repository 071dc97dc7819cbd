"""Rows of somebody else's table as cases: which column means what, and what a row says. No database, no clock."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid, Refused
from mulin.core.listed import listed
from mulin.core.tables import Cell, Line, text_of

# What a column may be taken for, with the headings under which it is found.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "text": ("内容", "诉求内容", "事项内容", "留言详情", "反映内容", "问题描述", "text", "content", "description"),
    "title": ("标题", "主题", "留言主题", "诉求标题", "title", "subject"),
    "reported_at": (
        "时间", "留言时间", "诉求时间", "来电时间", "受理时间", "上报时间", "登记时间",
        "time", "reported_at", "created_at",
    ),
    "reply": ("答复", "答复意见", "办理结果", "回复内容", "处理结果", "reply", "answer", "result"),
    "replied_at": (
        "答复时间", "办结时间", "回复时间", "办理时间", "reply_time", "replied_at", "resolved_at", "closed_at",
    ),
    "solved": ("是否解决", "解决情况", "solved"),
    "satisfied": ("是否满意", "满意情况", "满意度", "satisfied"),
    "rated_at": ("评价时间", "回访时间", "rated_at"),
    "place": ("地址", "地点", "事发地址", "诉求地址", "address", "place", "location"),
    "category": ("分类", "事项分类", "诉求分类", "一级标签", "category", "label"),
    "name": ("姓名", "诉求人", "联系人", "name"),
    "phone": ("电话", "联系电话", "来电号码", "手机", "phone"),
    "external_key": ("编号", "工单编号", "留言编号", "受理编号", "id", "msg_id", "number", "external_key"),
}  # fmt: skip
_TIME = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[T\s]*(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{1,2})?\s*[:：分]?\s*(?P<second>\d{1,2})?(?:\.\d+)?\s*秒?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_SPREADSHEET_DAY_0 = date(1899, 12, 30)
_SPREADSHEET_DAYS = range(3_654, 73_051)  # 1910 to 2099
_SOLVED = {
    "YES": ("是", "已解决", "解决", "yes", "1", "true"),
    "PARTLY": ("部分解决", "部分", "partly"),
    "NO": ("否", "未解决", "没有解决", "不解决", "no", "0", "false"),
}
_SATISFIED = {
    "YES": ("是", "满意", "非常满意", "很满意", "yes", "1", "true"),
    "BASICALLY": ("基本满意", "一般", "basically"),
    "NO": ("否", "不满意", "很不满意", "no", "0", "false"),
}
FIRST_YEAR, LAST_YEAR = 1949, 2100
DAY_BEGINS, DAY_ENDS = time(0, 0), time(23, 59, 59)


class MappingInvalid(Invalid):
    code = "mapping_invalid"
    sentence = _("列的对应关系有误。")
    remedy = _("写成 text=内容,reported_at=时间；用 --show 查看文件有哪些列。")


class RowRefused(Invalid):
    """One row that is not taken; the others are."""

    code = "row_refused"
    sentence = _("这一行没有导入。")


class TextMissing(RowRefused):
    code = "text_missing"
    sentence = _("没有内容。")


class TimeMissing(RowRefused):
    code = "time_missing"
    sentence = _("没有提交时间。")


class TimeUnreadable(RowRefused):
    code = "time_unreadable"
    sentence = _("时间看不懂。")
    remedy = _("请写成 2026-03-04 10:00:00。")


class TimeInFuture(RowRefused):
    code = "time_in_future"
    sentence = _("时间晚于现在。")


class ReplyBeforeReport(RowRefused):
    code = "reply_before_report"
    sentence = _("答复时间早于提交时间。")


class ReplyMissing(RowRefused):
    code = "reply_missing"
    sentence = _("有答复时间，没有答复内容。")


class ReplyTimeMissing(RowRefused):
    code = "reply_time_missing"
    sentence = _("有答复内容，没有答复时间。")


class RatingUnreadable(RowRefused):
    code = "rating_unreadable"
    sentence = _("评价看不懂，或者没有答复却有评价。")
    remedy = _("是否解决写 是、部分、否；是否满意写 满意、基本满意、不满意；两项都要写。")


class DuplicateKey(RowRefused):
    code = "duplicate_key"
    sentence = _("编号与前面的行重复，内容不同。")


@dataclass(frozen=True)
class ImportedRating:
    solved: str
    satisfied: str
    rated_at: datetime


@dataclass(frozen=True)
class ImportedRow:
    """One row as values; times are aware."""

    line: int
    key: str
    text: str
    reported_at: datetime
    number: str = ""
    reply: str = ""
    replied_at: datetime | None = None
    rating: ImportedRating | None = None
    place: str = ""
    category: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class RowReader:
    """Reads rows of one file: its columns, the zone its times are written in, the system it comes from."""

    columns: Mapping[str, str]
    zone: ZoneInfo
    source: str
    now: datetime

    def read(self, line: Line) -> ImportedRow:
        """Return what a row says; raise RowRefused."""
        words = {field: text_of(line.cells.get(column)) for field, column in self.columns.items()}
        if not words.get("text"):
            raise TextMissing
        reported_at = self._time(line, "reported_at", DAY_BEGINS)
        if reported_at is None:
            raise TimeMissing
        reply, replied_at = words.get("reply", ""), self._time(line, "replied_at", DAY_ENDS)
        _check_reply(reply, reported_at, replied_at)
        return ImportedRow(
            line=line.number,
            key=self._key(words),
            text=_with_title(words.get("title", ""), words["text"]),
            reported_at=reported_at,
            number=words.get("external_key", ""),
            reply=reply,
            replied_at=replied_at,
            rating=self._rating(line, words, replied_at),
            **{field: words.get(field, "") for field in ("place", "category", "name", "phone")},
        )

    def _time(self, line: Line, field: str, part_of_day: time) -> datetime | None:
        """Return the time of a cell, or None when it is empty. A day without a time means its begin or its end."""
        cell = line.cells.get(self.columns.get(field, ""))
        if cell in ("", None):
            return None
        at = read_time(cell, self.zone, part_of_day)
        if at > self.now:
            if part_of_day == DAY_ENDS and at - self.now < timedelta(days=1) and at.time() == DAY_ENDS:
                return self.now
            raise TimeInFuture
        return at

    def _rating(self, line: Line, words: Mapping[str, str], replied_at: datetime | None) -> ImportedRating | None:
        solved, satisfied = words.get("solved", ""), words.get("satisfied", "")
        if not solved and not satisfied:
            return None
        found = _meaning(solved, _SOLVED), _meaning(satisfied, _SATISFIED)
        rated_at = self._time(line, "rated_at", DAY_ENDS) or replied_at
        if not all(found) or replied_at is None or rated_at is None or rated_at < replied_at:
            raise RatingUnreadable
        return ImportedRating(*found, rated_at)

    def _key(self, words: Mapping[str, str]) -> str:
        """Return what a row is known by when the file is imported again: its number, or all it says."""
        number = words.get("external_key")
        said = [number] if number else [words.get(field, "") for field in ("reported_at", "title", "text", "place")]
        content = "\x1f".join(["import", self.source, "number" if number else "content", *said])
        return hashlib.sha256(content.encode(errors="replace")).hexdigest()


@dataclass
class ReadRows:
    """What a table holds: rows to be taken, lines that cannot be, and how many repeat a line above."""

    rows: list[ImportedRow]
    refused: list[tuple[int, Refused]]
    repeated: int = 0


def read_rows(reader: RowReader, lines: Iterable[Line]) -> ReadRows:
    found, seen = ReadRows([], []), dict[str, ImportedRow]()
    for line in lines:
        try:
            row = reader.read(line)
            if row.key not in seen:
                found.rows.append(row)
                seen[row.key] = row
            elif replace(seen[row.key], line=row.line) == row:
                found.repeated += 1
            else:
                raise DuplicateKey(format_lazy(_("编号与第 {line} 行重复，内容不同。"), line=seen[row.key].line))
        except Refused as refusal:
            found.refused.append((line.number, refusal))
    return found


def _meaning(word: str, meanings: Mapping[str, tuple[str, ...]]) -> str:
    wanted = word.strip().lower()
    return next((value for value, words in meanings.items() if wanted in words), "")


def _with_title(title: str, text: str) -> str:
    return text if not title or text.startswith(title) else f"{title}\n{text}"


def _check_reply(reply: str, reported_at: datetime, replied_at: datetime | None) -> None:
    if reply and replied_at is None:
        raise ReplyTimeMissing
    if replied_at is not None and not reply:
        raise ReplyMissing
    if replied_at is not None and replied_at < reported_at:
        raise ReplyBeforeReport


def read_time(cell: Cell, zone: ZoneInfo, part_of_day: time = DAY_BEGINS) -> datetime:
    """Return the time of a cell: a spreadsheet's date, its day number, or words. Raises TimeUnreadable."""
    if isinstance(cell, bool):
        raise TimeUnreadable
    if isinstance(cell, int | float):
        return _of_day_number(cell, zone)
    if isinstance(cell, datetime):
        return _plausible(cell if cell.tzinfo else cell.replace(tzinfo=zone))
    if isinstance(cell, date):
        return _plausible(datetime.combine(cell, part_of_day, tzinfo=zone))
    written = _TIME.fullmatch(text_of(cell))
    if written is None:
        raise TimeUnreadable(format_lazy(_("时间“{cell}”看不懂。"), cell=text_of(cell)[:40]))
    return _plausible(_of_words(written, zone, part_of_day))


def _plausible(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise TimeUnreadable(format_lazy(_("时间“{cell}”看不懂。"), cell=at.isoformat()))
    return at


def _of_day_number(number: float, zone: ZoneInfo) -> datetime:
    if int(number) not in _SPREADSHEET_DAYS:
        raise TimeUnreadable(format_lazy(_("时间“{cell}”看不懂。"), cell=number))
    return datetime.combine(_SPREADSHEET_DAY_0, DAY_BEGINS, tzinfo=zone) + timedelta(seconds=round(number * 86_400))


def _of_words(written: re.Match[str], zone: ZoneInfo, part_of_day: time) -> datetime:
    year, month, day, hour, minute, second = (
        int(written[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    offset = datetime.strptime(written["zone"], "%z").tzinfo if written["zone"] else zone
    try:
        part = time(hour, minute, second) if written["hour"] else part_of_day
        return datetime.combine(date(year, month, day), part, tzinfo=offset)
    except ValueError as wrong:
        raise TimeUnreadable(format_lazy(_("时间“{cell}”看不懂。"), cell=written[0][:40])) from wrong


def suggested_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return field → column for headings that are known, the better known heading first."""
    known = {_plain(column): column for column in columns}
    found: dict[str, str] = {}
    for field, headings in HEADINGS.items():
        match = next((known[h] for h in map(_plain, headings) if h in known and known[h] not in found.values()), None)
        if match is not None:
            found[field] = match
    return found


def _plain(heading: str) -> str:
    return re.sub(r"[\s_:：*（）()]", "", heading).lower()


def read_mapping(text: str, columns: Iterable[str]) -> dict[str, str]:
    """Return field → column of `text=内容,title=标题`; raise MappingInvalid."""
    known, mapping = set(columns), {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or field not in HEADINGS:
            wanted = ", ".join(HEADINGS)
            raise MappingInvalid(format_lazy(_("“{pair}”写得不对；可用的名称：{wanted}。"), pair=pair, wanted=wanted))
        if column not in known:
            raise MappingInvalid(
                format_lazy(_("文件里没有“{column}”这一列；有：{known}。"), column=column, known=listed(sorted(known)))
            )
        mapping[field] = column
    return mapping


def checked_mapping(mapping: Mapping[str, str]) -> Mapping[str, str]:
    """Return the mapping if nothing needed is missing; raise MappingInvalid."""
    if missing := [field for field in ("text", "reported_at") if field not in mapping]:
        raise MappingInvalid(format_lazy(_("还缺少：{missing}。"), missing=", ".join(missing)))
    if ("reply" in mapping) != ("replied_at" in mapping):
        raise MappingInvalid(_("答复内容 reply 和答复时间 replied_at 要么都有，要么都没有。"))
    return mapping
