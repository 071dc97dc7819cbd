"""The steps of a case in words for residents. What is written for colleagues never gets here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mulin.domains.cases.models import Step
from mulin.web.wording import human_moment

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """One entry of the resident's timeline."""

    title: str
    at: datetime
    who: str = ""
    text: str = ""
    tone: str = "neutral"
    icon: str = "circle-dot"


def in_language(data: Data, name: str) -> str:
    """Return the entry of a dated list in the reader's language."""
    english = (get_language() or "").startswith("en")
    return str(data.get(f"{name}_en" if english else f"{name}_zh") or data.get(f"{name}_zh") or "")


def holder_words(data: Data) -> str:
    """Return who had the case after a step: post and name, or the organisation."""
    english = (get_language() or "").startswith("en")
    post = str(data.get("post_en" if english else "post") or "")
    return " ".join(part for part in (post, str(data.get("holder") or "")) if part)


def timeline(steps: Iterable[Step], *, joined: bool, now: datetime) -> list[Told]:
    """Return the steps a resident is told, oldest first; for who `joined`, without the first reporter's words."""
    told = (_told(step, joined=joined, now=now) for step in steps)
    return [one for one in told if one is not None]


def _told(step: Step, *, joined: bool, now: datetime) -> Told | None:
    teller = _TELLERS.get(step.move)
    if teller is None:
        return None
    title, text, tone, icon = teller(step, now)
    if step.move in _RESIDENTS_OWN and joined:
        text = ""
    if not title:
        return None
    who = holder_words(step.data) if step.move in _NAMES_HOLDER else ""
    return Told(title, step.taken_at, who, text, tone, icon)


_RESIDENTS_OWN = {"rate", "reopen", "withdraw"}
_NAMES_HOLDER = {"dispatch", "reassign", "escalate", "escalate_by_clock", "hand_over", "refuse_return", "reopen"}

Words = tuple[str, str, str, str]
Teller = Callable[[Step, datetime], Words]


def _plain(title: Callable[[], str], tone: str = "neutral", icon: str = "circle-dot") -> Teller:
    return lambda step, now: (title(), "", tone, icon)


def _with_note(title: Callable[[], str], tone: str = "neutral", icon: str = "circle-dot") -> Teller:
    return lambda step, now: (title(), step.public_note, tone, icon)


def _returned(step: Step, now: datetime) -> Words:
    reason = in_language(step.data.get("reason") or {}, "name")
    return _("承办人认为不归自己办，已交上一级审核"), reason, "warn", "arrow-back-up"


def _whistled(step: Step, now: datetime) -> Words:
    name = step.data.get("organisation_name", "")
    return _("已请%(name)s一起来办") % {"name": name}, "", "info", "speakerphone"


def _arrived(step: Step, now: datetime) -> Words:
    return _("%(name)s已到场") % {"name": step.data.get("organisation_name", "")}, "", "info", "user-check"


def _joint_result(step: Step, now: datetime) -> Words:
    title = _("%(name)s答复了") % {"name": step.data.get("organisation_name", "")}
    return title, step.public_note, "info", "message-circle"


def _paused(step: Step, now: datetime) -> Words:
    reason = step.data.get("reason") or {}
    text = in_language(reason, "name") if reason.get("tell_resident") == "true" else ""
    until = parse_datetime(str(step.data.get("until") or ""))
    until_words = _("预计到%(time)s继续") % {"time": human_moment(until, now)} if until else ""
    return _("暂时停下，等条件具备"), "\n".join(p for p in (text, until_words) if p), "warn", "clock-pause"


def _rejected(step: Step, now: datetime) -> Words:
    reason = step.data.get("reason") or {}
    by = _("决定人：%(name)s") % {"name": step.data.get("by", "")}
    text = "\n".join(p for p in (in_language(reason, "name"), step.note, in_language(reason, "go_to"), by) if p)
    return _("这件事我们不能受理"), text, "bad", "circle-x"


def _rated(step: Step, now: datetime) -> Words:
    titles = {"YES": _("您评价：解决了"), "PARTLY": _("您评价：部分解决"), "NO": _("您评价：没解决")}
    tones = {"YES": "good", "PARTLY": "warn", "NO": "bad"}
    solved = str(step.data.get("solved"))
    return titles.get(solved, ""), step.public_note, tones.get(solved, "neutral"), "star"


def _noted(step: Step, now: datetime) -> Words:
    return (_("补充说明"), step.public_note, "neutral", "message") if step.public_note else ("", "", "", "")


def _split(step: Step, now: datetime) -> Words:
    text = _("新的一件编号 %(number)s") % {"number": step.data.get("part", "")}
    return _("其中一部分另立一件同时办理"), text, "info", "arrows-split"


def _merged(step: Step, now: datetime) -> Words:
    text = _("并入编号 %(number)s，结果会一并答复您") % {"number": step.data.get("into", "")}
    return _("与同一问题合并办理"), text, "info", "arrows-join"


_TELLERS: Mapping[str, Teller] = {
    "report": _plain(lambda: _("收到您反映的事"), "info", "inbox"),
    "verify": _plain(lambda: _("到现场核实了情况"), "neutral", "eye"),
    "dispatch": _plain(lambda: _("交给承办人"), "info", "user"),
    "reassign": _plain(lambda: _("改由更合适的人承办"), "info", "transfer"),
    "accept": _plain(lambda: _("承办人接下了，正在办"), "progress", "hammer"),
    "contact": _plain(lambda: _("承办人联系过您"), "progress", "phone"),
    "return": _returned,
    "refuse_return": _plain(lambda: _("审核后仍由原承办人办理"), "info", "repeat"),
    "escalate": _plain(lambda: _("本级办不了，交给上一级"), "warn", "arrow-up-circle"),
    "escalate_by_clock": _plain(lambda: _("到期没有办好，系统自动交给上一级"), "warn", "alarm"),
    "whistle": _whistled,
    "arrive": _arrived,
    "joint_result": _joint_result,
    "pause": _paused,
    "resume": _plain(lambda: _("继续办理"), "progress", "player-play"),
    "resume_by_clock": _plain(lambda: _("继续办理"), "progress", "player-play"),
    "extend": _with_note(lambda: _("需要更多时间"), "warn", "clock"),
    "resolve": _with_note(lambda: _("办好了，请您评价"), "good", "circle-check"),
    "rate": _rated,
    "lapse": _plain(lambda: _("一直没有评价，先结束；仍可补评或要求重办"), "neutral", "clock"),
    "reopen": _with_note(lambda: _("您要求重新办理"), "warn", "refresh"),
    "reject": _rejected,
    "withdraw": _with_note(lambda: _("您撤回了"), "neutral", "x"),
    "join": _plain(lambda: _("又有邻居反映同样的问题"), "info", "users"),
    "merge": _merged,
    "split": _split,
    "hand_over": _plain(lambda: _("承办人变动，换人接着办"), "info", "transfer"),
    "recategorise": _plain(lambda: _("调整了分类"), "neutral", "tag"),
    "add_note": _noted,
}
