"""A case as the desk sees it: what, where, who, by when and why, what was done, what can be done next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mulin.core.clocks.sentences import sentences
from mulin.core.lifecycle import Move
from mulin.core.listed import listed
from mulin.core.revealing import masks
from mulin.core.revealing.queries import Mask
from mulin.domains.accounts.models import User
from mulin.domains.cases import access, moving
from mulin.domains.cases.engine import clocks
from mulin.domains.cases.models import Case, PhotoOf, Step, Whistle
from mulin.domains.cases.pages import revealed
from mulin.domains.cases.pages.labels import (
    CHANNEL_LABELS,
    STATUS_TONES,
    TIER_LABELS,
    WHISTLE_LABELS,
    WHISTLE_TONES,
    Words,
    actor_label,
    in_language,
    masked_address,
    note_words,
    place_words,
    words_or_erased,
)
from mulin.domains.cases.pages.move_fields import Field, fields_for
from mulin.domains.cases.queries import detail, directory, duplicates, suggestion
from mulin.domains.cases.queries.history import fault_of
from mulin.domains.cases.redaction import without_numbers
from mulin.domains.cases.states import LIFECYCLE, OPEN, Status

MAP_ZOOM = 16.5
TITLE_LETTERS = 40


@dataclass(frozen=True)
class Clock:
    label: Words
    due_at: datetime | None
    started_at: datetime
    done_at: datetime | None
    late: bool
    paused: bool
    provisional: bool
    why: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One step of the timeline."""

    title: Words
    at: datetime
    who: str
    text: str
    inner: str
    """What colleagues read and the resident does not."""
    holder: str
    tone: str
    icon: str
    photos: tuple[str, ...]


@dataclass(frozen=True)
class Button:
    name: str
    label: Words
    why: Words
    icon: str
    primary: bool
    grave: bool
    url: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class WhistleView:
    organisation: str
    state: Words
    tone: str
    ask: str
    called_by: str
    called_at: datetime
    arrive_due_at: datetime
    arrived_at: datetime | None
    answered_at: datetime | None
    answer: str
    waiting: bool


@dataclass(frozen=True)
class ReporterView:
    name: str
    phone: str
    room: str
    at: datetime
    joined: bool
    phone_confirmed: bool


@dataclass(frozen=True)
class SimilarView:
    pk: int
    number: str
    url: str
    text: str
    category: str
    status: Words
    tone: str
    where: str
    at: datetime
    percent: int
    merge_url: str
    """Empty when this case cannot be merged by this person now."""


@dataclass(frozen=True)
class Relation:
    label: Words
    number: str
    url: str
    status: Words
    tone: str


@dataclass(frozen=True)
class Suggested:
    code: str
    name: str
    because: str


@dataclass(frozen=True)
class Detail:
    title: str
    number: str
    status: Words
    tone: str
    is_open: bool
    flags: tuple[tuple[str, Words], ...]
    text: str
    photos: tuple[str, ...]
    result: str
    result_photos: tuple[str, ...]
    place: str
    address: str
    grid: str
    map: Mapping[str, Any] | None
    channel: Words
    group: str
    category: str
    rule_source: str
    suggestions: tuple[Suggested, ...]
    holder: str
    holder_post: str
    holder_phone: str
    tier: Words
    gaps: tuple[str, ...]
    clocks: tuple[Clock, ...]
    chain_fault: str
    chain_words: str
    timeline: tuple[Entry, ...]
    whistles: tuple[WhistleView, ...]
    reporters: tuple[ReporterView, ...]
    reporters_mask: Mask | None
    """None for who may not know the reporters."""
    care_mask: Mask | None
    under_14: bool
    may_protect: bool
    relations: tuple[Relation, ...]
    dialogs: tuple[Button, ...]
    """Every move offered; `buttons` and `more_buttons` are those opened from the head of the page."""
    buttons: tuple[Button, ...]
    more_buttons: tuple[Button, ...]
    recategorise: bool
    similar: tuple[SimilarView, ...]


def page(user: User, case: Case, *, now: datetime) -> Detail:
    kind = _kind_of(case)
    steps = detail.steps(case)
    fault = fault_of(case, steps) or ""
    photos = detail.photos(case)
    whistles = detail.whistles(case)
    moves = access.moves_for(user, case, now=now)
    buttons = tuple(_buttons(user, case, kind, moves, now=now))
    tenure, organisation = case.holder_tenure, case.holder_organisation
    knows = access.may_know_reporters(user, case, now=now)
    report_photos = tuple(_photo_urls(photos, PhotoOf.REPORT))
    return Detail(
        title=_title(case),
        number=case.number,
        status=Status(case.status).label,
        tone=STATUS_TONES[Status(case.status)],
        is_open=case.status in OPEN,
        flags=tuple(_flags(case)),
        text=without_numbers(case.text),
        photos=report_photos,
        result=case.result_text,
        result_photos=tuple(_photo_urls(photos, PhotoOf.RESULT)),
        place=place_words(case.area_code, case.place.name),
        address=masked_address(case.address_text),
        grid=detail.place_names([case.grid_id]).get(case.grid_id or 0, ""),
        map=_map(case),
        channel=CHANNEL_LABELS[case.channel],
        group=kind.group if kind else "",
        category=kind.name if kind else directory.category_names().get(case.category_id, ""),
        rule_source=case.rule.source,
        suggestions=tuple(suggested(case)) if any(m.name == "recategorise" for m in moves) else (),
        holder=tenure.holder.name if tenure else organisation.name if organisation else "",
        holder_post=in_language(tenure.post_kind.name_zh, tenure.post_kind.name_en) if tenure else "",
        holder_phone=tenure.holder.work_phone if tenure else organisation.work_phone if organisation else "",
        tier=TIER_LABELS[case.tier],
        gaps=tuple(_gaps(case)),
        clocks=tuple(clocks_of(case)),
        chain_fault=fault,
        chain_words=chain_words(fault),
        timeline=tuple(_timeline(steps)),
        whistles=tuple(_whistles(whistles)),
        reporters=tuple(reporters(case)),
        reporters_mask=revealed.reporters_mask(user, case, now=now) if knows else None,
        care_mask=revealed.care_mask(user, case, now=now) if knows else None,
        under_14=revealed.is_protected(case),
        may_protect=knows,
        relations=tuple(_relations(user, case, now=now)),
        dialogs=buttons,
        buttons=tuple(b for b in buttons if b.name not in RARE | ELSEWHERE),
        more_buttons=tuple(b for b in buttons if b.name in RARE),
        recategorise=any(b.name == "recategorise" for b in buttons),
        similar=tuple(_similar(user, case, moves, now=now)) if case.status in OPEN else (),
    )


def _title(case: Case) -> str:
    words = words_or_erased(without_numbers(case.text))
    return words if len(words) <= TITLE_LETTERS else f"{words[:TITLE_LETTERS]}…"


def _kind_of(case: Case) -> directory.Kind | None:
    on = timezone.localdate(case.reported_at)
    code = next((c.code for c in directory.categories() if c.pk == case.category_id), "")
    return directory.kinds(on=on, area_code=case.area_code).get(code)


def _flags(case: Case) -> Iterable[tuple[str, Words]]:
    if case.rule.urgent:
        yield "bad", _("紧急")
    if case.emergency:
        yield "bad", _("急时")
    if case.round > 1:
        yield "warn", _("第 %(n)d 次办理") % {"n": case.round}
    if case.outside_grids:
        yield "neutral", _("不在任何网格内")


def _photo_urls(photos: Iterable[Any], of: PhotoOf) -> Iterable[str]:
    return (reverse("cases:photo", args=[photo.pk]) for photo in photos if photo.of == of)


def _map(case: Case) -> dict[str, Any] | None:
    if case.lon is None or case.lat is None:
        return None
    point = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lon, case.lat]},
        "properties": {"label": case.place.name, "tone": "bad"},
    }
    return {
        "center": [case.lon, case.lat],
        "zoom": MAP_ZOOM,
        "layers": base_layers(case.area_code),
        "points": {"data": {"type": "FeatureCollection", "features": [point]}},
    }


def base_layers(area_code: str) -> list[dict[str, Any]]:
    """Return our own ground and buildings for a map of an area."""

    def url(layer: str) -> str:
        return f"{reverse('places:layer', args=[layer])}?area={area_code}"

    ground = [("green", "green"), ("water", "water"), ("blocks", "block"), ("roads", "street")]
    return [
        {"id": "areas", "kind": "area", "url": url("areas")},
        *({"id": name, "kind": kind, "url": url(name)} for name, kind in ground),
        {"id": "buildings", "kind": "building", "url": url("buildings"), "by_view": True},
        {"id": "grids", "kind": "grid", "url": url("grids")},
    ]


def suggested(case: Case) -> Iterable[Suggested]:
    on = timezone.localdate(case.reported_at)
    kinds = directory.kinds(on=on, area_code=case.area_code)
    for found in suggestion.suggest(case.text, on=on, area_code=case.area_code):
        kind = kinds[found.code]
        if kind.category_id != case.category_id:
            yield Suggested(kind.code, kind.name, listed(found.because))


def _gaps(case: Case) -> Iterable[str]:
    for place, tier, absent in detail.gaps(case):
        words = _("%(place)s（%(tier)s）当时离岗") if absent else _("%(place)s（%(tier)s）当时无人任职")
        yield words % {"place": place, "tier": TIER_LABELS[tier]}


def clocks_of(case: Case) -> Iterable[Clock]:
    respond, resolve = clocks.dues(case, case.rule)
    paused = case.status == Status.PAUSED
    facts = (
        (_("首次联系"), respond, case.respond_due_at, case.first_contact_at),
        (_("办结"), resolve, case.resolve_due_at, case.resolved_at),
    )
    for label, due, due_at, done_at in facts:
        late = bool(done_at and due_at and done_at > due_at)
        why = tuple(sentences(due.deadline.explanation))
        stands_still = paused and done_at is None
        yield Clock(label, due_at, case.clock_started_at, done_at, late, stands_still, due.provisional, why)


def chain_words(fault: str) -> str:
    """Say whether the record of a case is as it was written."""
    return _("记录被改动过，请联系审计管理员") if fault else _("记录完整")


_ICONS = {
    "report": "message", "dispatch": "transfer", "reassign": "transfer", "accept": "hand-stop", "contact": "phone",
    "return": "arrow-back-up", "refuse_return": "arrow-right", "escalate": "arrow-up-circle",
    "escalate_by_clock": "arrow-up-circle", "whistle": "speakerphone", "arrive": "user-check",
    "joint_result": "clipboard-check", "return_whistle": "arrow-back-up", "pause": "player-pause",
    "resume": "player-play", "resume_by_clock": "player-play", "extend": "hourglass", "resolve": "circle-check",
    "rate": "star", "lapse": "clock", "reopen": "refresh", "reject": "ban", "withdraw": "circle-x",
    "merge": "arrows-join", "split": "arrows-split", "hand_over": "users", "recategorise": "tag",
    "add_note": "message-circle", "verify": "search", "join": "users",
}  # fmt: skip
_TONES = {
    "resolve": "good", "rate": "good", "return": "warn", "reopen": "warn", "reject": "bad", "escalate": "warn",
    "escalate_by_clock": "bad", "whistle": "progress", "joint_result": "good", "report": "info", "accept": "progress",
}  # fmt: skip


def _timeline(steps: Iterable[Step]) -> Iterable[Entry]:
    for step in steps:
        data = step.data
        yield Entry(
            title=_("点单") if step.move == "report" else LIFECYCLE.move(step.move).label,
            at=step.taken_at,
            who=actor_label(step.actor_name),
            text=step.public_note,
            inner=note if (note := note_words(step)) != step.public_note else "",
            holder=_received(data),
            tone=_TONES.get(step.move, "neutral"),
            icon=_ICONS.get(step.move, "circle-dot"),
            photos=(),
        )


def _received(data: Mapping[str, Any]) -> str:
    """Return what the step's data says in words: to whom the case went, for which reason."""
    parts = []
    if data.get("holder") and data.get("tier") in TIER_LABELS:
        post = in_language(data.get("post"), data.get("post_en")) or TIER_LABELS[data["tier"]]
        parts.append(_("承办：%(holder)s（%(post)s）") % {"holder": data["holder"], "post": post})
    if isinstance(data.get("reason"), Mapping):
        reason = in_language(data["reason"].get("name_zh"), data["reason"].get("name_en"))
        parts.append(_("理由：%(reason)s") % {"reason": reason})
    if data.get("organisation_name"):
        parts.append(_("单位：%(name)s") % {"name": data["organisation_name"]})
    related = {"into": _("并入 %(number)s"), "merged": _("并来 %(number)s"), "part": _("拆出 %(number)s")}
    parts += [words % {"number": data[key]} for key, words in related.items() if isinstance(data.get(key), str)]
    return pgettext("list separator", "；").join(parts)


def _whistles(whistles: Iterable[Whistle]) -> Iterable[WhistleView]:
    for one in whistles:
        yield WhistleView(
            one.organisation.name,
            WHISTLE_LABELS[one.state],
            WHISTLE_TONES[one.state],  # type: ignore[index]
            one.ask,
            one.called_by.name,
            one.called_at,
            one.arrive_due_at,
            one.arrived_at,
            one.answered_at,
            one.answer,
            one.state == "CALLED",
        )


def reporters(case: Case) -> list[ReporterView]:
    """Return who asked, masked: in full they are revealed to who says why (`revealed`)."""
    return [
        ReporterView(
            masks.name(one.name),
            masks.phone(one.phone),
            masks.room(one.room),
            one.created_at,
            n > 0,
            one.phone_confirmed_at is not None,
        )
        for n, one in enumerate(detail.reporters(case))
    ]


def _relations(user: User, case: Case, *, now: datetime) -> Iterable[Relation]:
    words = {"into": _("已并入"), "merged": _("并入本事项"), "from": _("拆自"), "part": _("拆出")}
    for relation, other in detail.relations(user, case, now=now):
        url = reverse("cases:detail", args=[other.pk])
        status = Status(other.status)
        yield Relation(words[relation], other.number, url, status.label, STATUS_TONES[status])


def _similar(user: User, case: Case, moves: Sequence[Move], *, now: datetime) -> Iterable[SimilarView]:
    may_merge = any(move.name == "merge" for move in moves)
    names = directory.category_names()
    for one in duplicates.duplicates_of(user, case, now=now):
        status = Status(one.status)
        yield SimilarView(
            pk=one.pk,
            number=f"{timezone.localtime(one.reported_at):%Y%m%d}-{one.pk:06d}",
            url=reverse("cases:detail", args=[one.pk]),
            text=" ".join(without_numbers(one.text).split()),
            category=names.get(one.category_id, ""),
            status=status.label,
            tone=STATUS_TONES[status],
            where=distance_words(one),
            at=one.reported_at,
            percent=round(one.score * 100),
            merge_url=reverse("cases:move", args=[case.pk, "merge"]) if may_merge else "",
        )


def distance_words(one: duplicates.Duplicate) -> str:
    if one.same_building:
        return _("同一栋楼")
    if one.metres is None:
        return one.place
    return _("%(place)s，相距 %(metres)d 米") % {"place": one.place, "metres": one.metres}


# Moves a desk needs now and then stand in a menu, so that the common ones are seen at once.
RARE = {"verify", "extend", "reject", "split", "pause", "add_note", "return", "contact"}
PRIMARY = {"dispatch", "accept", "resolve", "resume"}
GRAVE = {"reject", "return", "refuse_return"}
ELSEWHERE = {"recategorise"}
"""Moves opened from a place of their own on the page; a case is merged from the list of similar ones."""


def _buttons(
    user: User, case: Case, kind: directory.Kind | None, moves: Iterable[Move], *, now: datetime
) -> Iterable[Button]:
    offered = [move for move in moves if move.name in moving.FIELDS and move.name != "merge"]
    fields = fields_for(case, kind, [move.name for move in offered], now=now)
    for move in offered:
        yield Button(
            name=move.name,
            label=move.label,
            why=move.why,
            icon=_ICONS.get(move.name, "circle-dot"),
            primary=move.name in PRIMARY,
            grave=move.name in GRAVE,
            url=reverse("cases:move", args=[case.pk, move.name]),
            fields=fields[move.name],
        )
