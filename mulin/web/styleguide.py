"""Sample contents of the style guide: long Chinese texts, every tone, every component; only shown when DEBUG is on."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

TONES = ("neutral", "info", "progress", "good", "warn", "bad")


class SampleForm(forms.Form):
    text = forms.CharField(label=_("发生了什么"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)
    place = forms.CharField(label=_("具体位置"), required=False, help_text=_("例如：3 单元 1 楼电梯口"))
    kind = forms.ChoiceField(
        label=_("类别"), choices=[("", _("请选择")), ("lift", _("电梯故障")), ("light", _("楼道灯不亮"))]
    )
    contact = forms.ChoiceField(
        label=_("怎样答复您"),
        widget=forms.RadioSelect,
        choices=[("phone", _("电话")), ("none", _("不用，我自己查进度"))],
    )
    quiet = forms.BooleanField(label=_("不向办理人员显示我的电话"), required=False)


def context() -> dict[str, Any]:
    now = timezone.now()
    map_config = _map_config()
    deadlines = [
        {"due_at": now + timedelta(days=2, hours=3), "started_at": now - timedelta(days=1)},
        {"due_at": now + timedelta(minutes=95), "started_at": now - timedelta(days=1)},
        {"due_at": now - timedelta(hours=7), "started_at": now - timedelta(days=2)},
    ]
    return {
        "now": now,
        "tones": TONES,
        "form": SampleForm(),
        "wrong_form": SampleForm(data={"text": "", "place": "3 单元", "kind": ""}),
        "deadlines": deadlines,
        "rows": _rows(deadlines),
        "steps": _steps(now),
        "solved": [("yes", _("解决了")), ("partly", _("部分解决")), ("no", _("没解决"))],
        "solved_icons": {"yes": "circle-check", "partly": "adjustments", "no": "circle-x"},
        "chart_config": {
            "kind": "bar",
            "unit": "%",
            "categories": [_("上海路街道"), _("洗马路街道"), _("大连路街道"), _("高桥街道")],
            "series": [
                {"name": _("响应率"), "data": [98.2, 95.1, 99.0, 97.4]},
                {"name": _("解决率"), "data": [86.0, 79.3, 91.2, 84.8]},
            ],
        },
        "map_config": map_config,
        "pick_config": {**map_config, "points": None, "legend": [], "pick": {"lon": "lon", "lat": "lat"}},
    }


def _rows(deadlines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    titles = [
        _("3 单元电梯停在 7 楼不动，有老人被困在家里下不了楼，物业电话一直没有人接"),
        _("小区北门外夜间烧烤油烟和噪声，凌晨一点还没有散"),
        _("楼道灯不亮"),
    ]
    return [
        {**deadline, "id": n, "title": title, "tone": tone}
        for n, (title, deadline, tone) in enumerate(
            zip(titles, deadlines, ("good", "warn", "bad"), strict=True), start=1
        )
    ]


def _steps(now: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": _("您报了这件事"),
            "at": now - timedelta(days=2),
            "who": _("扫码填报"),
            "icon": "send",
            "tone": "neutral",
            "text": "",
        },
        {
            "title": _("网格员已接单"),
            "at": now - timedelta(days=1, hours=20),
            "who": _("上海路街道 民政社区 第三网格"),
            "icon": "hand-stop",
            "tone": "info",
            "text": _("已电话联系，今天下午到现场看。"),
        },
        {
            "title": _("已办结，请您评价"),
            "at": now - timedelta(hours=3),
            "who": _("区住房和城乡建设局"),
            "icon": "circle-check",
            "tone": "good",
            "text": _("电梯钢丝绳已更换，经检验合格恢复运行。维保单位承诺每半月巡检一次，并把巡检单贴在轿厢内。"),
        },
    ]


WEST, SOUTH, STEP = 106.905, 27.69, 0.006
COLUMNS, ROWS = 4, 3
EAST, NORTH = WEST + COLUMNS * STEP, SOUTH + ROWS * STEP
LANE = 0.0004


def _map_config() -> dict[str, Any]:
    houses = _houses()
    layers = {
        "area": [_square(WEST - 0.002, SOUTH - 0.002, 7 * STEP)],
        "block": [_square(west, south, STEP * 0.86) for west, south in _corners()],
        "green": [_square(WEST, SOUTH, STEP * 0.86)],
        "water": [_square(WEST + STEP, SOUTH, STEP * 0.5)],
        "street": _streets(),
        "building": houses,
        "grid": [_square(WEST - LANE, SOUTH - LANE, STEP * 2, _("第三网格"))],
        "gap": houses[5:6],
    }
    legend = [("good", _("时间充裕")), ("warn", _("快到期")), ("bad", _("已超时"))]
    return {
        "bounds": [WEST, SOUTH, EAST, NORTH],
        "layers": [{"id": kind, "kind": kind, "data": _collection(shapes)} for kind, shapes in layers.items()],
        "points": {"data": _collection(_points())},
        "legend": [{"tone": tone, "label": label} for tone, label in legend],
    }


def _corners() -> list[tuple[float, float]]:
    return [(WEST + i * STEP, SOUTH + j * STEP) for i in range(COLUMNS) for j in range(ROWS)]


def _houses() -> list[dict[str, Any]]:
    return [
        _square(west + 0.0006 + n * 0.0011, south + 0.0008, 0.0006, _("{n} 栋").format(n=n + 1))
        for west, south in _corners()
        for n in range(4)
    ]


def _streets() -> list[dict[str, Any]]:
    upward = [[[WEST + i * STEP - LANE, SOUTH - LANE], [WEST + i * STEP - LANE, NORTH]] for i in range(COLUMNS + 1)]
    across = [[[WEST - LANE, SOUTH + j * STEP - LANE], [EAST, SOUTH + j * STEP - LANE]] for j in range(ROWS + 1)]
    return [
        *(_feature("LineString", line, _("中华路")) for line in upward),
        *(_feature("LineString", line, _("上海路")) for line in across),
    ]


def _points() -> list[dict[str, Any]]:
    places = [[WEST + 0.002 + n * 0.0035, SOUTH + 0.004 + n * 0.0021] for n in range(len(TONES))]
    return [
        _feature("Point", place, _("事项 {n}").format(n=n), tone=tone, url="#")
        for n, (place, tone) in enumerate(zip(places, TONES, strict=True), start=1)
    ]


def _square(west: float, south: float, size: float, label: str = "") -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _feature("Polygon", [ring], label)


def _feature(kind: str, coordinates: Any, label: str, **properties: str) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": {"label": label, **properties}}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
