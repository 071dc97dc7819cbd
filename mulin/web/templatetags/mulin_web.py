"""Components and filters of every page; docs/pages.md shows each in use."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from mulin.web import wording
from mulin.web.tiles import with_tiles
from mulin.web.urgency import urgency_tone

register = template.Library()

COMPONENTS = "mulin/components"
BROWSER_REM_PX = 16
# Escapes that keep data inside a script file from ending it or starting markup, as django.utils.html.json_script does.
SCRIPT_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def local_time(moment: datetime | None) -> str:
    return wording.human_moment(moment, timezone.now()) if moment else "—"


@register.filter
def local_date(day: date | datetime | None) -> str:
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return wording.human_date(day, timezone.localdate()) if day else "—"


@register.filter
def time_left(due_at: datetime | None) -> str:
    return wording.time_left_words(due_at, timezone.now()) if due_at else "—"


@register.filter
def span(value: timedelta | None) -> str:
    return wording.human_span(value) if value is not None else "—"


@register.filter
def clock_duration(amount: int, clock: str = "continuous") -> str:
    return wording.allowance_words(amount, clock)


@register.filter
def fen(value: int | None) -> str:
    return wording.yuan(value) if value is not None else "—"


@register.filter
def number(value: int | float | Decimal | None, places: int | None = None) -> str:
    return wording.grouped(value, places) if value is not None else "—"


@register.filter
def percent(share: float | Decimal | None, places: int = 1) -> str:
    return f"{share * 100:.{places}f}%" if share is not None else "—"


@register.filter
def json_for_script(value: Any) -> SafeString:
    """Data for a script file rendered by a view (the service worker); pages use `json_script`."""
    return mark_safe(DjangoJSONEncoder(ensure_ascii=False).encode(value).translate(SCRIPT_ESCAPES))


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """An icon of the sprite, growing with the type; `label` only where no word stands beside it."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" style="--icon: {}rem" {}><use href="{}#{}"></use></svg>',
        size / BROWSER_REM_PX,
        spoken,
        static("vendor/tabler-icons/icons.svg"),
        name,
    )


@register.simple_tag
def script(name: str) -> SafeString:
    """One of our own modules: shell, map, photos, report, queue, charts."""
    return format_html('<script type="module" src="{}"></script>', static(f"mulin/{name}.js"))


@register.simple_tag
def idempotency_key() -> SafeString:
    """Made with the form, so that a second click or a repeated send is recognised as the same wish."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid4())


@register.inclusion_tag(f"{COMPONENTS}/empty_state.html")
def empty_state(
    title: str, text: str = "", icon: str = "inbox", action_url: str = "", action_label: str = ""
) -> dict[str, Any]:
    return {"title": title, "text": text, "icon": icon, "action_url": action_url, "action_label": action_label}


@register.inclusion_tag(f"{COMPONENTS}/badge.html")
def status_badge(label: str, tone: str = "neutral") -> dict[str, Any]:
    """`tone`: neutral, info, progress, good, warn, bad."""
    return {"label": label, "tone": tone}


@register.inclusion_tag(f"{COMPONENTS}/time_left.html")
def time_left_badge(
    due_at: datetime | None,
    now: datetime | None = None,
    started_at: datetime | None = None,
    paused: bool = False,
) -> dict[str, Any]:
    now = now or timezone.now()
    if paused or due_at is None:
        return {"due_at": due_at, "paused": paused, "tone": "neutral"}
    tone = urgency_tone(due_at=due_at, now=now, started_at=started_at)
    return {"due_at": due_at, "paused": False, "tone": tone, "words": wording.time_left_words(due_at, now)}


@register.inclusion_tag(f"{COMPONENTS}/timeline_item.html")
def timeline_item(
    title: str,
    at: datetime | None = None,
    who: str = "",
    text: str = "",
    tone: str = "neutral",
    icon: str = "circle-dot",
    photos: Iterable[str] = (),
) -> dict[str, Any]:
    """One step of a history, inside `<ol class="timeline-list">`; `photos` are addresses of small images."""
    return {"title": title, "at": at, "who": who, "text": text, "tone": tone, "icon": icon, "photos": photos}


@register.inclusion_tag(f"{COMPONENTS}/figure_card.html")
def figure_card(
    label: str, value: str | int, unit: str = "", note: str = "", tone: str = "neutral", url: str = ""
) -> dict[str, Any]:
    return {"label": label, "value": value, "unit": unit, "note": note, "tone": tone, "url": url}


@register.inclusion_tag(f"{COMPONENTS}/form_field.html")
def form_field(field: BoundField, hint: str = "") -> dict[str, Any]:
    """A field of a Django form with label, help and error; groups of choices become a fieldset."""
    widget = field.field.widget
    grouped = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        "field": field,
        "hint": hint or field.help_text,
        "grouped": grouped,
        "is_check": isinstance(widget, CheckboxInput),
        "control": field if grouped else field.as_widget(attrs={"class": _control_class(field)}),
    }


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    kind = "form-control"
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    given = str(widget.attrs.get("class", ""))
    return " ".join(part for part in (given, kind, "is-invalid" if field.errors else "") if part)


@register.inclusion_tag(f"{COMPONENTS}/choice_buttons.html")
def choice_buttons(
    name: str,
    legend: str,
    choices: Iterable[tuple[str, str]],
    selected: str | None = None,
    required: bool = True,
    icons: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Large buttons for one answer of a few (solved yes / partly / no): words instead of stars."""
    options = [
        {
            "value": value,
            "label": label,
            "icon": (icons or {}).get(str(value), ""),
            "chosen": str(value) == str(selected),
        }
        for value, label in choices
    ]
    return {"name": name, "legend": legend, "options": options, "required": required}


@register.inclusion_tag(f"{COMPONENTS}/file_picker.html")
def file_picker(name: str = "photos", label: str = "", most: int = 6, errors: Sequence[str] = ()) -> dict[str, Any]:
    """Photos, shrunk by photos.js before they are sent; without a script the originals go."""
    return {"name": name, "label": label, "most": most, "errors": errors}


@register.inclusion_tag(f"{COMPONENTS}/draft_notice.html")
def draft_notice() -> dict[str, Any]:
    """Inside a form with `data-draft="name"`: says that report.js brought back what was written before."""
    return {}


@register.inclusion_tag(f"{COMPONENTS}/locate_button.html")
def locate_button(lon: str, lat: str, label: str = "") -> dict[str, Any]:
    """`lon` and `lat` are the ids of the inputs the phone's position is written to, once, on request."""
    return {"lon": lon, "lat": lat, "label": label}


@register.inclusion_tag(f"{COMPONENTS}/confirm_button.html", takes_context=True)
def confirm_button(
    context: template.Context,
    label: str,
    url: str,
    sentence: str = "",
    icon: str = "",
    tone: str = "",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A button that posts to `url`, after asking `sentence` if given. `tone`: "", primary, danger."""
    return {
        "csrf_token": context.get("csrf_token"),
        "label": label,
        "url": url,
        "sentence": sentence,
        "icon": icon,
        "tone": tone,
        "name": name,
        "value": value,
    }


@register.inclusion_tag(f"{COMPONENTS}/next_page.html", takes_context=True)
def next_page(context: template.Context, next_key: str | None, parameter: str = "after") -> dict[str, Any]:
    """Page by key: keeps every filter of the address and replaces only `parameter`."""
    query = context["request"].GET.copy()
    is_first = parameter not in query
    query.pop(parameter, None)
    first_url = f"?{query.urlencode()}"
    if next_key is not None:
        query[parameter] = next_key
    next_url = f"?{query.urlencode()}" if next_key is not None else ""
    return {"next_url": next_url, "first_url": "" if is_first else first_url}


@register.inclusion_tag(f"{COMPONENTS}/map_view.html")
def map_view(name: str, config: Mapping[str, Any], label: str = "", height: str = "60vh") -> dict[str, Any]:
    """A map drawn by map.js; `config` as in docs/pages.md (layers, points, pick, bounds, tiles, legend)."""
    pick = config.get("pick")
    return {
        "name": name,
        "label": label,
        "height": height,
        "pick": pick,
        "legend": config.get("legend", ()),
        "config": json_script(with_tiles(config), f"{name}-config"),
    }


@register.inclusion_tag(f"{COMPONENTS}/chart.html")
def chart(name: str, config: Mapping[str, Any], label: str, height: str = "18rem") -> dict[str, Any]:
    """A chart drawn by charts.js, with the same figures as a table for those who cannot see it."""
    rows = zip(config["categories"], *(series["data"] for series in config["series"]), strict=True)
    return {
        "name": name,
        "label": label,
        "height": height,
        "headings": [series["name"] for series in config["series"]],
        "rows": list(rows),
        "config": json_script(dict(config), f"{name}-config"),
    }


@register.simple_block_tag(end_name="endpageheader")
def page_header(content: str, title: str, subtitle: str = "", back_url: str = "", back_label: str = "") -> SafeString:
    """The head of a desk page; what stands inside the block are its actions."""
    return render_to_string(
        f"{COMPONENTS}/page_header.html",
        {"actions": content, "title": title, "subtitle": subtitle, "back_url": back_url, "back_label": back_label},
    )


@register.simple_block_tag(end_name="enddefinition")
def definition(content: str, label: str) -> SafeString:
    """One row of `<dl class="definitions">`."""
    return format_html('<div class="definition"><dt>{}</dt><dd>{}</dd></div>', label, content)


@register.simple_block_tag(end_name="endmodal")
def modal(content: str, name: str, title: str) -> SafeString:
    """A dialog opened by any element with `data-dialog-open="{name}"`."""
    return render_to_string(f"{COMPONENTS}/modal.html", {"content": content, "name": name, "title": title})


@register.simple_block_tag(end_name="endlive")
def live(content: str, name: str, url: str, every_s: int = 30) -> SafeString:
    """A region that fetches itself again while it is looked at and nobody is working inside it."""
    return format_html(
        '<div id="{0}" data-live-seconds="{1}" hx-get="{2}" hx-trigger="live" hx-swap="innerHTML">{3}</div>',
        name,
        every_s,
        url,
        content,
    )
