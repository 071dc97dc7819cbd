"""The page on which a resident says what is wrong: its form, the place, the category, what neighbours have said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import Refused
from mulin.domains.cases import rules
from mulin.domains.cases.queries import directory, similar, suggestion
from mulin.domains.cases.states import LIFECYCLE
from mulin.domains.places import queries as places
from mulin.domains.places.models import PlaceKind
from mulin.domains.places.queries import Location, PlaceUnknown

Posted = Mapping[str, Any]


class ReportForm(forms.Form):
    """What a resident may write. Length and emptiness of the text are judged by the service."""

    text = forms.CharField(
        label=gettext_lazy("发生了什么？"),
        help_text=gettext_lazy("一句话就行。不方便打字，可以用键盘上的话筒说话输入。"),
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": gettext_lazy("例如：三单元二楼楼道灯不亮，已经三天了")}),
        error_messages={"required": gettext_lazy("请写明发生了什么，一句话就可以。")},
    )
    address_text = forms.CharField(label=gettext_lazy("具体位置"), required=False, max_length=200)
    name = forms.CharField(
        label=gettext_lazy("怎么称呼您"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name", "placeholder": gettext_lazy("例如：王阿姨")}),
    )
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    room = forms.CharField(
        label=gettext_lazy("房号"),
        help_text=gettext_lazy("带上单元，例如 2单元502 或 2-502；有些小事由您的联户长就近来办。"),
        required=False,
        max_length=30,
    )

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"]).strip()
        if phone and not rules.is_phone(phone):
            raise forms.ValidationError(_("这个号码看起来不完整。请核对，或者不留电话。"))
        return phone

    @property
    def has_contact(self) -> bool:
        """Open the part about contact when something is in it."""
        return any(self[name].value() or self[name].errors for name in ("name", "phone", "room"))


@dataclass(frozen=True)
class PlaceCard:
    """Where the report is about, in words, with the hidden fields that say it again."""

    location: Location
    title: str
    detail: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def place_named(asked: Posted) -> Location | None:
    """Return the place the request names: by door code, building, point or community; None when it names none.

    Raises PlaceUnknown, PointInvalid, OutsideDistrict.
    """
    named = _naming(asked)
    if "b" in named:
        return places.locate_board(named["b"])
    if "place_id" in named:
        return places.locate_place(_number(named["place_id"]))
    if "lon" in named:
        return places.locate_point(*_point(named["lon"], named["lat"]))
    if "area" in named:
        return places.locate_place(places.area_by_code(named["area"]).id)
    return None


def _naming(asked: Posted) -> dict[str, str]:
    """Return the fields that name the place, the surest of those given."""
    for names in (("b",), ("place_id",), ("lon", "lat"), ("area",)):
        given = {name: str(asked.get(name) or "").strip()[:40] for name in names}
        if all(given.values()):
            return given
    return {}


def place_card(asked: Posted) -> PlaceCard | None:
    """Return the place the request names, in words; raises what `place_named` raises."""
    location = place_named(asked)
    return _card(location, _naming(asked)) if location else None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise PlaceUnknown
    return int(text)


def _point(lon: str, lat: str) -> tuple[float, float]:
    try:
        return float(lon), float(lat)
    except ValueError:
        raise PlaceUnknown from None


def district_of(address_text: str) -> Location | None:
    """Return the district itself for an address nobody recognised: its desk reads it and finds the place."""
    counties = places.counties()
    if not address_text.strip() or len(counties) != 1:
        return None
    return places.locate_place(counties[0].id)


def _card(location: Location, hidden: Mapping[str, str]) -> PlaceCard:
    areas = [a.name for a in places.area_path(location.area_code) if a.kind in (PlaceKind.STREET, PlaceKind.COMMUNITY)]
    detail = " · ".join(reversed(areas))
    building = places.building_named(location.building_id) if location.building_id else None
    if building is not None:
        return PlaceCard(location, building.full_name, f"{detail} · {building.address}", hidden)
    name = places.places_named([location.place_id]).get(location.place_id, "")
    note = ""
    if location.outside_grids:
        note = _("这里不在任何网格内，会直接交给%(name)s或上一级的工作台。") % {"name": name}
    return PlaceCard(location, name, detail if detail != name else "", hidden, note)


def home_area() -> str:
    """Return the code of the district whose directory a page shows before the place is known."""
    return next((county.code for county in places.counties()), "")


@dataclass(frozen=True)
class CategoryChoice:
    code: str
    name: str
    checked: bool


@dataclass(frozen=True)
class SimilarCase:
    case_id: int
    category: str
    reported_at: datetime
    status: str | Promise


@dataclass(frozen=True)
class CategoryBox:
    """What the system takes the words for, to be changed by one tap, and open cases about the same."""

    choices: tuple[CategoryChoice, ...] = ()
    automatic: str = ""
    similar: tuple[SimilarCase, ...] = ()
    place: str = ""


def category_box(asked: Posted, card: PlaceCard | None, *, now: datetime) -> CategoryBox:
    """Suggest for the words so far; what the resident picked by hand stays picked while it is among the best."""
    area = card.location.area_code if card else home_area()
    on = timezone.localdate(now)
    codes = [s.code for s in suggestion.suggest(str(asked.get("text") or ""), on=on, area_code=area)]
    chosen, automatic = str(asked.get("suggested") or ""), str(asked.get("automatic") or "")
    best = codes[0] if codes else ""
    checked = chosen if chosen != automatic and chosen in codes else best
    kinds = directory.kinds(on=on, area_code=area)
    choices = tuple(CategoryChoice(code, kinds[code].name, code == checked) for code in codes)
    looked_for = str(asked.get("category") or "") or checked
    found = _similar(card, looked_for, now=now) if card and looked_for in kinds else ()
    return CategoryBox(choices, best, found, card.title if card else "")


def _similar(card: PlaceCard, code: str, *, now: datetime) -> tuple[SimilarCase, ...]:
    names = {c.code: c.pk for c in directory.categories()}
    found = similar.open_at(card.location, code, now=now)
    category_names = directory.category_names()
    return tuple(
        SimilarCase(s.case_id, category_names[names[s.category_code]], s.reported_at, LIFECYCLE.labels[s.status])
        for s in found
    )


def chosen_category(asked: Posted, location: Location, *, now: datetime) -> str:
    """Return the code picked from the list, else the suggestion taken, else what the words say, else 其他."""
    picked = str(asked.get("category") or "") or str(asked.get("suggested") or "")
    if picked:
        return picked[:10]
    on = timezone.localdate(now)
    return suggestion.category_of(str(asked.get("text") or ""), on=on, area_code=location.area_code)


@dataclass
class ReportPage:
    """The page; `place_error` and `photo_errors` stand beside what they are about."""

    form: ReportForm
    key: str
    card: PlaceCard | None = None
    place_error: str = ""
    photo_errors: list[str] = field(default_factory=list)
    notice: str = ""
    box: CategoryBox = field(default_factory=CategoryBox)
    groups: list[directory.Group] = field(default_factory=list)
    picked: str = ""
    communities: list[tuple[str, list[places.Area]]] = field(default_factory=list)
    map: dict[str, Any] | None = None
    """Only for who asks for it: a map is a heavy load for a cheap phone."""

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors or self.place_error or self.photo_errors)


def report_page(asked: Posted, form: ReportForm, *, key: str, now: datetime) -> ReportPage:
    """Read the page's parts for a request, saying so when its place is not known."""
    page = ReportPage(form, key, picked=str(asked.get("category") or ""))
    try:
        page.card = place_card(asked)
    except Refused as refusal:
        page.place_error = f"{refusal.sentence}{refusal.remedy}"
    area = page.card.location.area_code if page.card else home_area()
    page.groups = directory.groups(on=timezone.localdate(now), area_code=area)
    page.box = category_box(asked, page.card, now=now)
    if page.card is None:
        page.communities = _communities()
        page.map = pick_map() if asked.get("map") else None
    return page


def _communities() -> list[tuple[str, list[places.Area]]]:
    """Return (street, its communities) of the district."""
    streets = [street for county in places.counties() for street in places.children_of(county.code)]
    return [(street.name, places.children_of(street.code)) for street in streets if places.children_of(street.code)]


def pick_map() -> dict[str, Any]:
    """Return the map on which a resident moves a pin to the spot."""
    layers = [
        ("communities", "area", False),
        ("water", "water", False),
        ("green", "green", False),
        ("blocks", "block", False),
        ("roads", "street", False),
        ("buildings", "building", True),
    ]
    config: dict[str, Any] = {
        "layers": [
            {"id": name, "kind": kind, "url": reverse("places:layer", args=[name]), "by_view": by_view}
            for name, kind, by_view in layers
        ],
        "pick": {"lon": "id_lon", "lat": "id_lat"},
    }
    bounds = places.bounds_of(home_area())
    return {**config, "bounds": bounds} if bounds else {**config, "center": [106.92, 27.72], "zoom": 13}
