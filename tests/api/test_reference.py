"""The document programs read and the page people read."""

from collections import defaultdict
from typing import get_args

import pytest
from ninja import Schema

from mulin.config.api import api

pytestmark = pytest.mark.django_db


def test_the_document_is_openapi_3_1_and_every_write_takes_an_idempotency_key(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    writes = {path: methods["post"] for path, methods in schema["paths"].items() if "post" in methods}
    without_key = {
        path for path, one in writes.items() if "Idempotency-Key" not in {p["name"] for p in one["parameters"]}
    }
    # The first writes nothing; of the others, the answer must not be kept.
    assert without_key == {
        "/api/v1/suggestions",
        "/api/v1/cases/{case_id}/reporters",
        "/api/v1/reveal/{field}/{object_id}",
        "/api/v1/follow/{code}/data/copy",
    }
    undocumented = [one["operationId"] for one in writes.values() if not {"409", "422", "429"} <= set(one["responses"])]
    assert undocumented == []


def test_the_page_names_every_operation_and_loads_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs").content.decode()
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path in page
    assert "https://" not in page.replace("https://www.w3.org", "")


def test_no_two_schemas_have_one_name():
    """In the document the second would take the place of the first, and programs would be told what is not answered."""
    found = defaultdict(set)
    for operation in operations():
        for model in models_of(operation):
            found[model.__name__].add(model)
    assert {"CaseOut", "MoveIn", "StepOut", "WhistleOut"} <= set(found)
    assert sorted(name for name, models in found.items() if len(models) > 1) == []


def operations():
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            yield from view.operations


def models_of(operation):
    """Return every schema an operation takes or answers, those inside of schemas too."""
    answers = [model for model in operation.response_models.values() if isinstance(model, type)]
    waiting, seen = [*operation.models, *answers], set()
    while waiting:
        model = waiting.pop()
        for field in model.model_fields.values():
            waiting += [one for one in classes_in(field.annotation) if one not in seen]
            seen.update(classes_in(field.annotation))
    return seen


def classes_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return [annotation]
    return [one for part in get_args(annotation) for one in classes_in(part)]
