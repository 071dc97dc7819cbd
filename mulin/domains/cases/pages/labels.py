"""Names and tones of what a case's codes mean, shared by its pages."""

from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mulin.domains.accounts.models import NobodysName
from mulin.domains.cases import redaction
from mulin.domains.cases.engine.steps import CLOCK_NAME, RESIDENT_NAME
from mulin.domains.cases.models import Channel, Step, SystemNote, WhistleState
from mulin.domains.cases.states import Status
from mulin.domains.places import queries as places
from mulin.domains.places.models import Tier

Words = str | Promise

STATUS_TONES = {
    Status.REPORTED: "info",
    Status.DISPATCHED: "info",
    Status.ACCEPTED: "progress",
    Status.RETURNED: "warn",
    Status.PAUSED: "neutral",
    Status.RESOLVED: "good",
    Status.CLOSED: "good",
    Status.LAPSED: "neutral",
    Status.REJECTED: "neutral",
    Status.WITHDRAWN: "neutral",
    Status.MERGED: "neutral",
}
TIER_LABELS: dict[int, Words] = {
    Tier.CONTACT_GROUP: _("联户"),
    Tier.BUILDING: _("楼栋"),
    Tier.GRID: _("网格"),
    Tier.COMMUNITY: _("社区"),
    Tier.STREET: _("街道"),
    Tier.COUNTY: _("区级"),
}
CHANNEL_LABELS: dict[str, Words] = {
    Channel.RESIDENT: _("居民自报"),
    Channel.DESK: _("工作台代报"),
    Channel.HOLDER: _("工作人员上报"),
    Channel.API: _("接口"),
    Channel.IMPORT: _("导入"),
    Channel.SPLIT: _("拆单"),
}
WHISTLE_LABELS: dict[str, Words] = {
    WhistleState.CALLED: _("待报到"),
    WhistleState.ARRIVED: _("已报到"),
    WhistleState.ANSWERED: _("已答复"),
    WhistleState.RETURNED: _("已退哨"),
}
WHISTLE_TONES = {
    WhistleState.CALLED: "warn",
    WhistleState.ARRIVED: "progress",
    WhistleState.ANSWERED: "good",
    WhistleState.RETURNED: "neutral",
}


def case_number(pk: int, reported_at: datetime) -> str:
    """Return the number of a case read as values; the same as `Case.number`."""
    return f"{timezone.localtime(reported_at):%Y%m%d}-{pk:06d}"


def in_language(chinese: str | None, english: str | None) -> str:
    return (english if (get_language() or "").startswith("en") and english else chinese) or ""


def actor_label(name: str) -> str:
    """Return who took a step as the reader calls them; the names of nobody in particular are kept in Chinese."""
    return str({RESIDENT_NAME: _("居民"), CLOCK_NAME: _("系统"), **dict(NobodysName.choices)}.get(name, name))


def area_name(area_code: str) -> str:
    area = places.areas.get().get(area_code)
    return area.name if area else area_code


def note_words(step: Step) -> str:
    """Return what colleagues are told with a step: what somebody wrote, or what the system notes itself."""
    return step.note or str(dict(SystemNote.choices).get(step.data.get("system_note"), ""))


def masked_address(address: str) -> str:
    """3栋2单元301室 → 3栋2单元＊室: the entrance may be known, the door only to who says why."""
    return redaction.words_of(redaction.search_text(address, ""))


def place_words(area_code: str, place_name: str | None, address: str = "") -> str:
    """Return community, place and what the reporter wrote about it but the room, without saying a name twice."""
    parts = [area_name(area_code), place_name or "", masked_address(address)]
    return " ".join(dict.fromkeys(part for part in parts if part))


def words_or_erased(words: str) -> str:
    """Return the words of a case in one line; once they are erased, that they were."""
    return " ".join(words.split()) or str(_("内容已到期擦除"))
