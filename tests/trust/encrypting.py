"""Run inside an installation of a test: an older database with words in the open, taken to today's tables."""

import json
from datetime import UTC, date, datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mulin.core.encryption import keyed_hashes
from mulin.core.history import FIRST, chain_hash
from mulin.domains.cases.models import Case, Rating, Step, Whistle
from mulin.domains.cases.queries import history
from mulin.domains.duty.models import Absence
from mulin.domains.places.models import Dwelling
from tests.trust.stolen import DOOR, ILLNESS, PHONE, ROOM

BEFORE = [("places", "0002_base_feature"), ("duty", "0003_tenure_indexes"), ("cases", "0004_care")]
NOW, DAY = datetime(2026, 3, 4, 1, tzinfo=UTC), date(2026, 3, 4)
SAID, NOTE = f"我住{ROOM}，电话{PHONE}", f"打 {PHONE}"


def write_before() -> None:
    """Make the tables as they were and write one case, as the code of then did."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps
    place = old.get_model("places", "Place").objects.create(
        kind="COMMUNITY", code="520303001001", name="x", area_code="520303001001", starts_on=DAY
    )
    building = old.get_model("places", "Building").objects.create(place=place, address="x", board_code="b")
    for room in (DOOR, f"A{DOOR}", f"a{DOOR}"):
        old.get_model("places", "Dwelling").objects.create(
            building=building, entrance=place, floor=1, room=room, area_code="520303001001"
        )
    _write_case(old, place, _write_absence(old, place))


def _write_absence(old, place):
    role = old.get_model("accounts", "Role").objects.create(code="x", name_zh="x", name_en="x")
    user = old.get_model("accounts", "User").objects.create(username="x", name="x", created_at=NOW)
    kind = old.get_model("duty", "PostKind").objects.create(
        code="x", name_zh="x", name_en="x", place_kind="COMMUNITY", tier=40, role=role, valid_from=DAY
    )
    tenure = old.get_model("duty", "Tenure").objects.create(post_kind=kind, place=place, holder=user, starts_on=DAY)
    old.get_model("duty", "Absence").objects.create(
        tenure=tenure, begins_at=NOW, ends_at=NOW.replace(hour=2), reason=ILLNESS
    )
    return tenure


def _write_case(old, place, tenure) -> None:
    category = old.get_model("cases", "Category").objects.create(
        code="0601", group_code="06", group_zh="x", group_en="x", name_zh="x", name_en="x", valid_from=DAY
    )
    rule = old.get_model("cases", "CategoryRule").objects.create(
        category=category, lowest_tier=40, respond_clock="CONTINUOUS", respond_amount=1, resolve_clock="CONTINUOUS",
        resolve_amount=1, region="520000000000", valid_from=DAY,
    )  # fmt: skip
    case = old.get_model("cases", "Case").objects.create(
        receipt_code="ABCDEFGH1234", channel="RESIDENT", text=SAID, category=category, rule=rule, status="CLOSED",
        place=place, area_code="520303001001", address_text=ROOM, tier=40, reported_at=NOW, clock_started_at=NOW,
        result_text=NOTE, step_count=1, last_hash=FIRST,
    )  # fmt: skip
    step = old.get_model("cases", "Step")(
        case=case, sequence=1, move="report", to_status="CLOSED", actor_name="居民", taken_at=NOW, note=NOTE,
        public_note="", previous_hash=FIRST,
    )  # fmt: skip
    step.hash = _hash_of_then(step)
    step.save()
    old.get_model("cases", "Case").objects.filter(pk=case.pk).update(last_hash=step.hash)
    old.get_model("cases", "Rating").objects.create(
        case=case, round=1, solved="YES", satisfied="YES", note=NOTE, rated_at=NOW
    )
    organisation_kind = old.get_model("organisations", "OrganisationKind").objects.create(
        code="x", name_zh="x", name_en="x", level="x"
    )
    organisation = old.get_model("organisations", "Organisation").objects.create(
        kind=organisation_kind, code="x", name="x", area_code="520303001001", starts_on=DAY
    )
    old.get_model("cases", "Whistle").objects.create(
        case=case, organisation=organisation, ask=NOTE, called_by=tenure.holder, called_at=NOW, arrive_due_at=NOW
    )


def _hash_of_then(step) -> str:
    content = {
        "case": "ABCDEFGH1234", "sequence": 1, "move": "report", "from": "", "to": "CLOSED", "actor": None,
        "actor_name": "居民", "taken_at": NOW.isoformat(timespec="microseconds"), "note": step.note, "public_note": "",
        "data": {},
    }  # fmt: skip
    return chain_hash(FIRST, content)


def read_after() -> None:
    """Print what today's code reads."""
    case, doors = Case.objects.get(), list(Dwelling.objects.order_by("pk"))
    print(
        json.dumps(
            {
                "text": case.text,
                "search_text": case.search_text,
                "address": case.address_text,
                "result": case.result_text,
                "notes": [Step.objects.get().note, Rating.objects.get().note, Whistle.objects.get().ask],
                "reason": Absence.objects.get().reason,
                "rooms": [one.room for one in doors],
                "by_room": Dwelling.objects.filter(room_hash__in=keyed_hashes(doors[0].door)).count(),
                "faults": list(history.faults()),
            }
        )
    )
