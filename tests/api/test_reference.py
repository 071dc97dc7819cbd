"""The document programs read and the page people read."""

import pytest

pytestmark = pytest.mark.django_db


def test_the_document_is_openapi_3_1_and_every_write_takes_an_idempotency_key(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    writes = {path: methods["post"] for path, methods in schema["paths"].items() if "post" in methods}
    without_key = {
        path for path, one in writes.items() if "Idempotency-Key" not in {p["name"] for p in one["parameters"]}
    }
    # The one writes nothing; of the other, the answer must not be kept.
    assert without_key == {"/api/v1/suggestions", "/api/v1/cases/{case_id}/reporters"}
    undocumented = [one["operationId"] for one in writes.values() if not {"409", "422", "429"} <= set(one["responses"])]
    assert undocumented == []


def test_the_page_names_every_operation_and_loads_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs").content.decode()
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path in page
    assert "https://" not in page.replace("https://www.w3.org", "")
