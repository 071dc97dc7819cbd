"""What the pages of a publication show: whether a plan may hold, what it changed, who has to be appointed."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from urllib.parse import urlencode

import xlsxwriter
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mulin.core.errors import Conflict
from mulin.core.listed import listed
from mulin.core.tables import guarded
from mulin.domains.planning.models import Draft, Publication, PublicationState
from mulin.domains.planning.pages.draft_words import bend_words, refusal_words
from mulin.domains.planning.pages.drafts import PlanView
from mulin.domains.planning.queries import plans, publications
from mulin.domains.planning.queries.publications import HouseholdChange, Tally

MOST_SHEET_ROWS = 1_048_575
PIECE_BYTES = 65_536
SHOWN_NAMES = 30
# About 30 ms a page: what is printed within one request.
MOST_NOTICES = 200
STATES = {
    PublicationState.SCHEDULED: (gettext_lazy("等待生效"), "warn"),
    PublicationState.CARRIED_OUT: (gettext_lazy("已生效"), "good"),
    PublicationState.RECALLED: (gettext_lazy("已撤回"), "neutral"),
    PublicationState.SENT_BACK: (gettext_lazy("退回修改"), "bad"),
}


class NotInForceYet(Conflict):
    code = "publication_not_in_force"
    sentence = gettext_lazy("这份方案还没有生效。")
    remedy = gettext_lazy("生效以后才有前后对照和告知书。")


@dataclass(frozen=True)
class PublishPage:
    """The last look before a plan is scheduled."""

    name: str
    back_url: str
    hard: list[str]
    soft: list[str]
    excused: list[str]
    new_buildings: list[str]
    moved_buildings: list[str]
    gone: int
    new_grids: list[str]
    kept_grids: int
    closed_grids: list[str]
    changed: int

    @property
    def is_ground_changed(self) -> bool:
        return bool(self.new_buildings or self.moved_buildings)

    @property
    def new_names(self) -> str:
        return listed(self.new_grids)

    @property
    def closed_names(self) -> str:
        return listed(self.closed_grids)


def publish_page(draft: Draft, *, today: date) -> PublishPage:
    """Return what a plan would change and what stands in its way."""
    assert draft.head is not None
    view = PlanView.of(draft.head.snapshot_id, plans.plan_of(draft.head), draft.head.locked)
    arrays = view.ground.arrays
    found = plans.bends_of(draft, draft.head)
    words = [(bend, bend_words(bend, view.names.get(bend.label, ""))) for bend in found]
    blocking = plans.blocking_changes(draft.head, on=today)
    names = plans.building_names([*blocking.new, *blocking.moved][: 2 * SHOWN_NAMES])
    used = set(view.names)
    living = {label for label in used if label < len(arrays.grid_ids)}
    closing = [
        int(pk)
        for label, pk in enumerate(arrays.grid_ids.tolist())
        if label not in used and not arrays.dedicated[label]
    ]
    return PublishPage(
        name=draft.name,
        back_url=reverse("planning:draft", args=[draft.pk]),
        hard=[text for bend, text in words if not bend.is_bound],
        soft=[text for bend, text in words if bend.is_bound and not bend.excused],
        excused=[text for bend, text in words if bend.excused],
        new_buildings=[names.get(pk, str(pk)) for pk in blocking.new[:SHOWN_NAMES]],
        moved_buildings=[names.get(pk, str(pk)) for pk in blocking.moved[:SHOWN_NAMES]],
        gone=len(plans.changes_since(arrays, on=today).gone),
        new_grids=[view.names[label] for label in sorted(used - living)],
        kept_grids=len(living),
        closed_grids=[one.name for one in plans.grids_named(closing).values()],
        changed=int(draft.head.figures.get("changed", 0)),
    )


@dataclass(frozen=True)
class PostToFill:
    place_id: int
    grid: str
    code: str
    url: str


@dataclass(frozen=True)
class NoticePortion:
    """Notices that are printed within one request: those of the first to the last building, `after` a change."""

    first: int
    last: int
    after: int


@dataclass(frozen=True)
class PublicationPage:
    name: str
    draft_url: str
    state: str
    tone: str
    from_date: date
    scheduled_by: str
    scheduled_at: datetime
    reason: str
    refusal: str
    is_in_force: bool
    tally: Tally | None
    posts: list[PostToFill]
    portions: list[NoticePortion]
    notices: list[tuple[str, str]]
    households_url: str


def publication_page(publication: Publication, *, now: datetime) -> PublicationPage:
    state = PublicationState(publication.state)
    is_in_force = state == PublicationState.CARRIED_OUT
    label, tone = STATES[state]
    draft_id = publication.draft_id
    portions = _portions(publication) if is_in_force else []
    return PublicationPage(
        name=publication.draft.name,
        draft_url=reverse("planning:draft", args=[draft_id]),
        state=str(label),
        tone=tone,
        from_date=publication.from_date,
        scheduled_by=publication.scheduled_by.name if publication.scheduled_by else "",
        scheduled_at=publication.scheduled_at,
        reason=publication.reason,
        refusal=refusal_words(publication.refusal),
        is_in_force=is_in_force,
        tally=publications.tally(publication) if is_in_force else None,
        posts=_posts(publication, now=now) if is_in_force else [],
        portions=portions,
        notices=_notice_files(publication, portions),
        households_url=reverse("planning:household-changes", args=[draft_id]),
    )


def _posts(publication: Publication, *, now: datetime) -> list[PostToFill]:
    gaps = publications.posts_to_fill(publication, now=now)
    return [PostToFill(gap.id, gap.place, gap.detail, reverse("duty:place-posts", args=[gap.id])) for gap in gaps]


def _portions(publication: Publication) -> list[NoticePortion]:
    changed = publications.changed_buildings(publication)
    return [
        NoticePortion(begin + 1, min(begin + MOST_NOTICES, len(changed)), changed[begin - 1][0] if begin else 0)
        for begin in range(0, len(changed), MOST_NOTICES)
    ]


def _notice_files(publication: Publication, portions: Sequence[NoticePortion]) -> list[tuple[str, str]]:
    address = reverse("planning:notices-pdf", args=[publication.draft_id])
    name = _("告知书（第 {first}–{last} 栋）")
    return [
        (name.format(first=one.first, last=one.last), f"{address}?{urlencode({'after': one.after})}")
        for one in portions
    ]


def check_in_force(publication: Publication) -> None:
    """Raise NotInForceYet."""
    if publication.state != PublicationState.CARRIED_OUT:
        raise NotInForceYet


def household_sheet(publication: Publication) -> Iterator[bytes]:
    """Yield a workbook with every household's grid before and after. Raises NotInForceYet."""
    check_in_force(publication)
    return _pieces(publications.household_changes(publication))


def _pieces(rows: Iterator[HouseholdChange]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        _write(file, rows)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _headings() -> list[str]:
    return [
        _("社区"), _("楼栋"), _("单元"), _("房号"),
        _("原网格编码"), _("原网格"), _("现网格编码"), _("现网格"), _("是否调整"),
    ]  # fmt: skip


def _cells(row: HouseholdChange) -> list[str]:
    grids = row.grids
    changed = _("是") if grids.is_changed else _("否")
    return [
        row.community, row.building, row.entrance, row.room,
        grids.from_code, grids.from_name, grids.to_code, grids.to_name, changed,
    ]  # fmt: skip


def _write(file: IO[bytes], rows: Iterator[HouseholdChange]) -> None:
    options: dict[str, Any] = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 8, 18)
        sheet.write_row(0, 0, _headings(), workbook.add_format({"bold": True}))
        for number, row in zip(range(1, MOST_SHEET_ROWS + 1), rows, strict=False):
            for column, cell in enumerate(_cells(row)):
                sheet.write_string(number, column, guarded(cell))
