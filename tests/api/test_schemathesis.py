"""Whatever is sent to the API, it answers as its document says, and never with a server error."""

import random
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mulin.config.wsgi import application
from mulin.domains.cases import services
from mulin.domains.cases.models import SavedView
from mulin.domains.duty.models import Absence
from mulin.domains.places import queries as places
from tests.factories import NOW

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REAL_SHARE = 0.6
"""How often a path names something that exists; nothing of a case would be reached by chance alone."""

pytestmark = pytest.mark.slow
PLANNING = "/planning/"
"""Tested beside this file, in test_schemathesis_planning."""
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application).exclude(path_regex=PLANNING)


@pytest.fixture
def real(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    location = places.locate_board(town.board_code())
    case = services.report_case(actor=None, report=services.Report("楼道灯坏了三天", "0601", location), now=NOW)
    desk = town.users["community"]
    services.dispatch(actor=desk, case=case, tenure=town.tenures["community"], now=NOW)
    services.accept(actor=desk, case=case, now=NOW)
    whistle = services.whistle(
        actor=desk, case=case, organisation=town.organisations["URBAN_MANAGEMENT"], ask="请到场", now=NOW
    )
    held, now = town.tenures["leader"], timezone.now()
    absence = Absence.objects.create(tenure=held, begins_at=now, ends_at=now + timedelta(days=1))
    view = SavedView.objects.create(user=desk, name="超时", filters={"state": "overdue"})
    return {
        "case_id": case.pk, "whistle_id": whistle.pk, "code": case.receipt_code, "board_code": town.board_code(),
        "area": town.community.code, "parent": town.street.code, "category": "0601", "cases": [case.pk],
        "place_id": town.buildings[0].pk, "post": "building_leader", "seat": 1, "person": town.users["stranger"].pk,
        "organisation_id": town.organisations["HOUSING"].pk, "tenure_id": held.pk, "absence_id": absence.pk,
        "households": [town.households[0].pk], "view_id": view.pk, "grid": town.grids[0].pk, "bbox": "106,27,107,28",
        "field": "cases.reporters", "object_id": case.pk, "purpose": "CONTACT",
    }  # fmt: skip


MOVES = (
    "accept",
    "contact",
    "add_note",
    "dispatch",
    "escalate",
    "pause",
    "resume",
    "resolve",
    "reject",
    "split",
    "merge",
)
PEOPLE = (None, "community", "community", "county", "department")


def made_real(case, known, chance):
    """Let some of the requests name things that exist."""
    for values in (case.path_parameters, case.query, case.body):
        if not isinstance(values, dict):
            continue
        for name in values.keys() & known.keys():
            if chance.random() < REAL_SHARE:
                values[name] = known[name]
    if case.path_parameters and "move" in case.path_parameters and chance.random() < REAL_SHARE:
        case.path_parameters["move"] = chance.choice(MOVES)


@pytest.fixture
def one_connection():
    """Requests of a test share its transaction; Django's own test client does the same."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def headers(town, token_of):
    return {name: token_of(town.users[name]) for name in PEOPLE if name} | {None: {}}


def generated(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def answered(one_connection, real, headers):
    """Return a check: send it as one of the people, and hold the answer against the document."""

    def check(case):
        chance = random.Random(repr(case.as_transport_kwargs()))
        made_real(case, real, chance)
        response = case.call(headers=headers[chance.choice(PEOPLE)])
        case.validate_response(response, checks=CHECKS)

    return check


@schema.include(method="GET").parametrize()
@generated(examples=6)
@pytest.mark.django_db
def test_every_answer_to_a_question_is_one_the_document_promises(case, answered):
    answered(case)


@schema.exclude(method="GET").parametrize()
@generated(examples=12)
@pytest.mark.django_db
def test_every_answer_to_a_write_is_one_the_document_promises(case, answered):
    answered(case)
