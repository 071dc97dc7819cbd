"""The API's reference as a plain page: the same document programs read, with nothing loaded from elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from mulin.config.api import api


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    description: str
    parameters: tuple[str, ...]
    body: tuple[str, ...]
    is_open: bool


@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    schema = api.get_openapi_schema()
    context = {"schema": schema, "operations": list(_operations(schema)), "schema_url": reverse("api:openapi-json")}
    return render(request, "mulin/api_reference.html", context)


def _operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            yield Operation(
                name=one["operationId"],
                method=method.upper(),
                path=path,
                description=one.get("description", one["summary"]),
                parameters=tuple(parameter["name"] for parameter in one["parameters"]),
                body=tuple(_body(schema, one)),
                is_open={} in one["security"],
            )


def _body(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        found = schema["components"]["schemas"].get(name, content["schema"])
        yield from found.get("properties", {})
