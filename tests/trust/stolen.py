"""Run inside an installation of a test: let people say who they are and where they live, in every field there is."""

import json
import os
import signal
from datetime import UTC, datetime, timedelta

from mulin.commands.seed import seed_reference
from mulin.core.encryption import keyed_hashes, rotation
from mulin.core.idempotency import once
from mulin.domains.cases import services
from mulin.domains.cases.models import Case, Reporter, Step
from mulin.domains.cases.queries import history
from mulin.domains.duty.models import Absence, Tenure
from mulin.domains.places import queries as places
from mulin.domains.places.models import Building, Dwelling, Household, Place, PlaceKind
from tests.factories import make_town

PHONE, SPACED, IDENTITY = "13987650123", "139 8765 0123", "520302199003076512"
ROOM, DOOR, NAME, ILLNESS = "7单元Q88037", "Q98803", "欧阳测试甲", "他有严重的癫痫病"
SECRETS = (PHONE, SPACED, IDENTITY, "Q88037", DOOR, NAME, ILLNESS)


def fill() -> None:
    """Print the case's number; every field people write into holds a phone, an identity number or a room."""
    now = datetime.now(UTC)
    seed_reference(now=now)
    if not Building.objects.exists():
        make_town()
    building = Building.objects.order_by("pk")[0]
    entrance = Place.objects.filter(kind=PlaceKind.ENTRANCE, parent=building.pk)[0]
    dwelling = Dwelling.objects.create(
        building=building, entrance=entrance, floor=88, room=DOOR, area_code=entrance.area_code
    )
    Household.objects.create(dwelling=dwelling, area_code=entrance.area_code, moved_in_on=now.date())
    report = services.Report(
        f"我住{ROOM}，身份证{IDENTITY}，电话{SPACED}，楼上漏水。",
        "0601",
        places.locate_board(building.board_code),
        address_text=f"锦绣华庭{ROOM}",
        contact=services.Contact(NAME, SPACED, ROOM),
    )
    case = services.report_case(actor=None, report=report, now=now)
    holder = Case.objects.select_related("holder_tenure__holder").get(pk=case.pk).holder_tenure.holder
    note = f"{NAME} {PHONE} {ROOM}"
    services.join_case(actor=None, case=case, words=note, contact=services.Contact(NAME, PHONE, ROOM), now=now)
    services.accept(actor=holder, case=case, now=now)
    services.protect(actor=holder, case=case, under_14=False, note=ILLNESS, now=now)
    services.contact(actor=holder, case=case, note=note, now=now)
    services.resolve(actor=holder, case=case, result=f"已联系{note}", now=now)
    services.rate(actor=None, case=case, solved="YES", satisfied="YES", note=note, now=now)
    tenure = Tenure.objects.get(holder=holder)
    Absence.objects.create(tenure=tenure, begins_at=now, ends_at=now + timedelta(days=1), reason=ILLNESS)
    once(scope="test", key="k", content=[PHONE], now=now, do=lambda: {"phone": PHONE})
    print(json.dumps({"number": case.number, "building": building.pk}))


def read() -> None:
    """Print what the owner of the keys reads: whether all is there, is found again, and every chain holds."""
    case = Case.objects.latest("pk")
    first = Reporter.objects.filter(case=case).earliest("pk")
    by_door = Dwelling.objects.get(floor=88)
    found = {
        "text": case.text.count(IDENTITY),
        "phone": first.phone,
        "room": by_door.room,
        "by_phone": Reporter.objects.filter(phone_hash__in=keyed_hashes(PHONE)).count(),
        "by_room": Dwelling.objects.filter(room_hash__in=keyed_hashes(by_door.door)).count(),
        "hashes": sorted({one.partition(":")[0] if ":" in one else "" for one in _hashes()}),
        "again": _asked_again(),
        "notes": Step.objects.exclude(note="").count(),
        "faults": list(history.faults()),
        "whole": rotation.is_whole(),
    }
    print(json.dumps(found))


def _hashes() -> list[str]:
    phones = Reporter.objects.exclude(phone_hash="").values_list("phone_hash", flat=True)
    return [*phones, *Dwelling.objects.values_list("room_hash", flat=True)]


def _asked_again() -> dict[str, str]:
    """Ask once more what was asked when the database was filled: a new key makes no new request of it."""
    now = datetime.now(UTC)
    return once(scope="test", key="k", content=[PHONE], now=now, do=lambda: {"phone": "done twice"})


def rotate_and_die_among_hashes() -> None:
    """Find everything after every batch of a rotation, and be killed while hashes stand under both keys."""
    rotation.BATCH = 1
    rotation.add_key_if_whole()
    door = Dwelling.objects.get(floor=88).door
    for _rows in rotation.rotate():
        assert Reporter.objects.filter(phone_hash__in=keyed_hashes(PHONE)).count() == 2
        assert Dwelling.objects.filter(room_hash__in=keyed_hashes(door)).count() == 1
        phones = Reporter.objects.exclude(phone_hash="").values_list("phone_hash", flat=True)
        if len({":" in one for one in phones}) == 2:
            os.kill(os.getpid(), signal.SIGKILL)


def rotate_and_die(after: int) -> None:
    """Begin a rotation in the smallest batches and be killed after some of them."""
    rotation.BATCH = 2
    rotation.add_key_if_whole()
    for count, _rows in enumerate(rotation.rotate(), start=1):
        if count == after:
            os.kill(os.getpid(), signal.SIGKILL)
