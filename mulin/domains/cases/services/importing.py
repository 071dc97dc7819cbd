"""Take cases over from another system with the times they had there.

Each row goes through the services a case of today goes through. Dispatch asks who is in post today, because nobody
can answer for a post of years ago; deadlines are counted from the original time. Steps that are over are written
down and told to nobody; a case that is still open is told to its holder once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Refused
from mulin.domains.accounts import queries as accounts
from mulin.domains.accounts import services as accounts_services
from mulin.domains.accounts.models import NobodysName, User
from mulin.domains.cases import queries
from mulin.domains.cases.engine import clocks
from mulin.domains.cases.engine.steps import announce, untold
from mulin.domains.cases.importing import ImportedRow, RowRefused
from mulin.domains.cases.models import Case, Channel
from mulin.domains.cases.queries import directory, history, suggestion
from mulin.domains.cases.services import holding, resident
from mulin.domains.cases.services.reporting import Contact, Report, report_case
from mulin.domains.places import queries as places
from mulin.domains.places.queries import Location

IMPORTER = "mulin-import"
LEAST_SURE = 90.0
LEAST_AHEAD = 3.0
LONGEST_PLACE = 80


class PlaceNotFound(RowRefused):
    code = "place_not_found"
    sentence = _("地址对不上本区的任何楼栋或区域，也没有指定兜底的工作台。")
    remedy = _("用 --desk 指定社区或街道代码，对不上的归它。")


@dataclass
class Tally:
    """What became of the rows of a batch."""

    imported: int = 0
    known: int = 0
    refused: list[tuple[ImportedRow, Refused]] = field(default_factory=list)


@transaction.atomic
def importer(*, actor: User | None, now: datetime) -> User:
    """Return the account imported steps are written under: nobody can sign in with it."""
    known = accounts.user_by_username(IMPORTER)
    name = NobodysName.IMPORTER.value
    found = known or accounts_services.create_user(actor=actor, username=IMPORTER, name=name, now=now)
    found.name = name  # steps keep it as the database does, whoever imports in whichever language
    return found


@transaction.atomic
def import_batch(
    *, actor: User, rows: Iterable[ImportedRow], desk: str, source: str, now: datetime, keep: bool = True
) -> Tally:
    """Import rows not imported before, all in one transaction; a refused row leaves nothing behind.

    `desk` is the area whose desk gets what no address places (empty: such rows are refused). With `keep` False
    everything is tried and nothing is kept.
    """
    rows = list(rows)
    known = queries.known_external_keys(row.key for row in rows)
    tally = Tally()
    for row in rows:
        if row.key in known:
            tally.known += 1
            continue
        try:
            _import_row(actor, row, desk=desk, source=source, now=now)
        except Refused as refusal:
            tally.refused.append((row, refusal))
        except IntegrityError:  # another import of the same file was faster
            tally.known += 1
        else:
            known.add(row.key)
            tally.imported += 1
    if not keep:
        transaction.set_rollback(True)
    return tally


@transaction.atomic
def _import_row(actor: User, row: ImportedRow, *, desk: str, source: str, now: datetime) -> Case:
    with untold():
        case = report_case(actor=actor, report=_report(row, desk=desk, source=source, now=now), now=now)
        if row.replied_at is not None:
            return _settle(actor, case, row, now=now)
    return _open(case, now=now)


def _report(row: ImportedRow, *, desk: str, source: str, now: datetime) -> Report:
    location = _location(row.place, desk)
    return Report(
        text=row.text,
        category_code=_category(row, location),
        location=location,
        channel=Channel.IMPORT,
        address_text=row.place,
        contact=Contact(name=row.name, phone=row.phone),
        external_key=row.key,
        reported_at=row.reported_at,
        origin={"source": source, "number": row.number, "imported_at": now.isoformat()},
    )


def _settle(actor: User, case: Case, row: ImportedRow, *, now: datetime) -> Case:
    """Write down that the case was answered, and what became of the answer. Only the time of the answer is known."""
    at = row.replied_at
    assert at is not None
    case = holding.accept(actor=actor, case=case, now=at)
    case = holding.contact(actor=actor, case=case, note="", now=at)
    case = holding.resolve(actor=actor, case=case, result=row.reply, now=at)
    if row.rating is not None:
        rating = row.rating
        resident.rate(case=case, solved=rating.solved, satisfied=rating.satisfied, now=rating.rated_at, actor=None)
        return case
    days = directory.policy("rating_lapse_days", now=at, area_code=case.area_code)
    if (over_at := at + timedelta(days=days)) < now:
        resident.lapse(case=case, now=over_at)
    return case


def _open(case: Case, *, now: datetime) -> Case:
    """Tell the holder of a case that is still to be settled, who has the time to accept it from now on."""
    case.accept_due_at = clocks.accept_due(case, directory.rules_by_id()[case.rule_id], now=now)
    case.save(update_fields=["accept_due_at"])
    announce(history.last_step(case), at=now)
    return case


def _location(text: str, desk: str) -> Location:
    """Return where a row belongs: an area by code or name, a building when the address is clear, else the desk."""
    found = _area(text) or _building(text, desk)
    if found is None and not desk:
        raise PlaceNotFound
    return places.locate_place(found or places.area_by_code(desk).id)


def _area(text: str) -> int | None:
    named = [area.id for area in places.areas.get().values() if text and text in (area.code, area.name)]
    return named[0] if len(named) == 1 else None


def _building(text: str, desk: str) -> int | None:
    if not text:
        return None
    county = places.ancestor_codes(desk[:6].ljust(12, "0"))[0] if desk else None
    hits = places.find_buildings(text[:LONGEST_PLACE], county, limit=2)
    clear = hits and hits[0].score >= LEAST_SURE
    return hits[0].place_id if clear and (len(hits) == 1 or hits[0].score - hits[1].score >= LEAST_AHEAD) else None


def _category(row: ImportedRow, location: Location) -> str:
    """Return the category a row names in our words; one in other words helps the suggestion."""
    on = timezone.localdate(row.reported_at)
    kinds = directory.kinds(on=on, area_code=location.area_code)
    for kind in kinds.values():
        if row.category and row.category in (kind.code, kind.name_zh, kind.name_en):
            return kind.code
    return suggestion.category_of(f"{row.category} {row.text}", on=on, area_code=location.area_code)
