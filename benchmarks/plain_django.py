"""A plain Django view without middleware that writes the same rows with the ORM, one `create` each."""

import json
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mulin.config.settings")

import django
from django.conf import settings

django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.plain_django"

from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import re_path

from mulin.core.codes import new_code
from mulin.core.models import IdempotencyKey, OutboxMessage
from mulin.domains.cases.models import Case, Reporter, Step

_template: dict[str, Any] = {}


def template() -> dict[str, Any]:
    """The newest case and what hangs on it, as field values."""
    if not _template:
        case = Case.objects.latest("pk")
        steps = [_values(step) for step in Step.objects.filter(case=case).order_by("sequence")]
        _template.update(
            case=_values(case),
            steps=steps,
            reporter=_values(Reporter.objects.filter(case=case).latest("pk")),
            message=_values(OutboxMessage.objects.latest("pk")),
            key=_values(IdempotencyKey.objects.latest("pk")),
        )
    return _template


def _values(row: Any) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}


@transaction.atomic
def report(text: str) -> int:
    rows = template()
    IdempotencyKey.objects.create(**{**rows["key"], "key": new_code(32)})
    case = Case.objects.create(**{**rows["case"], "text": text, "receipt_code": new_code()})
    for step in rows["steps"]:
        Step.objects.create(**{**step, "case_id": case.pk})
    Reporter.objects.create(**{**rows["reporter"], "case_id": case.pk})
    OutboxMessage.objects.create(**rows["message"])
    return case.pk


def view(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse({"id": report(json.loads(request.body)["text"])}, status=201)
    cases = Case.objects.select_related("category", "place").order_by("-pk")[:50]
    return JsonResponse([_line(case) for case in cases], safe=False)


def _line(case: Case) -> dict[str, Any]:
    return {
        "id": case.pk,
        "text": case.text,
        "status": case.status,
        "category": case.category.name_zh,
        "place": case.place.name,
        "due_at": case.resolve_due_at,
    }


urlpatterns = [re_path("", view)]
application = WSGIHandler()
