"""The burden linter over the house itself: every form, table, API body, file of indicators and page we ship."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from django import forms
from django.apps import apps
from django.conf import settings

import mulin.domains
from mulin.config.api import api
from mulin.core import csv_data
from mulin.core.burden.linter import Definition, Kind, judge

ROOT = Path(__file__).parent.parent / "mulin"
# Security of accounts, asked for by GB/T 22239: who came in when and from where is no measure of anybody's work.
SECURITY = re.compile(r"^accounts\.")
REQUIRED_FILE = re.compile(r"<input[^>]*type=\"file\"[^>]*\brequired\b|<input[^>]*\brequired\b[^>]*type=\"file\"")


def burdens(definitions: Iterator[Definition]) -> list[str]:
    judged = [(one, judge(one)) for one in definitions]
    assert judged, "nothing was looked at"
    return [f"{one.code}: {f.ban.code} ({f.word})" for one, found in judged for f in found]


def modules() -> Iterator[object]:
    for found in pkgutil.walk_packages(mulin.domains.__path__, "mulin.domains."):
        if "migrations" not in found.name and ".management" not in found.name:
            yield importlib.import_module(found.name)


def form_fields() -> Iterator[Definition]:
    seen: set[type] = set()
    for module in modules():
        for _name, form in inspect.getmembers(module, inspect.isclass):
            if issubclass(form, forms.Form) and form.__module__.startswith("mulin.") and form not in seen:
                seen.add(form)
                yield Definition(f"{form.__module__}.{form.__name__}", Kind.FORM, name_en=form.__name__)
                for name, field in form.base_fields.items():
                    label = str(field.label or "")
                    yield Definition(f"{form.__name__}.{name}", Kind.FIELD, label, name, required=field.required)


def columns() -> Iterator[Definition]:
    for model in apps.get_models():
        if model.__module__.startswith("mulin.") and not SECURITY.match(model._meta.label_lower):
            yield Definition(model._meta.label, Kind.FORM, name_en=model.__name__)
            for field in model._meta.concrete_fields:
                yield Definition(f"{model.__name__}.{field.name}", Kind.FIELD, name_en=field.name)


def api_fields() -> Iterator[Definition]:
    for name, schema in api.get_openapi_schema()["components"]["schemas"].items():
        required = set(schema.get("required", ()))
        for field in schema.get("properties", {}):
            yield Definition(
                f"{name}.{field}", Kind.FIELD, name_en=field, required=name.endswith("In") and field in required
            )


def indicators() -> Iterator[Definition]:
    """Everything shipped as data that has a name: indicators, numbers, reasons, posts, roles, kinds."""
    for path in sorted(ROOT.glob("domains/*/data/*.csv")):
        kind = Kind.CATEGORY if path.name in {"categories.csv", "divisions.csv"} else Kind.INDICATOR
        for row in csv_data.rows(path):
            name_zh, name_en = (
                row.get("name_zh") or row.get("note_zh", ""),
                row.get("name_en") or row.get("note_en", ""),
            )
            yield Definition(row.get("code") or row.get("name", ""), kind, name_zh, name_en, unit=row.get("unit", ""))


def entries() -> Iterator[Definition]:
    for entry in settings.MULIN_NAVIGATION:
        yield Definition(entry["url_name"], Kind.FORM, str(entry["label"]))


def test_no_form_asks_workers_for_what_is_forbidden():
    assert burdens(form_fields()) == []


def test_no_table_has_a_column_for_it():
    assert burdens(columns()) == []


def test_no_call_of_the_api_takes_it():
    assert burdens(api_fields()) == []


def test_no_indicator_that_comes_with_mulin_counts_it():
    assert burdens(indicators()) == []


def test_no_page_leads_to_it():
    assert burdens(entries()) == []


def test_no_page_demands_a_photo():
    pages = [path for path in ROOT.rglob("*.html") if "static" not in path.parts]
    demanding = [str(path) for path in pages if REQUIRED_FILE.search(path.read_text()) and "photo" in path.read_text()]
    assert len(pages) > 50
    assert demanding == []


def test_the_test_would_see_it():
    """A check that cannot fail proves nothing."""

    class PatrolForm(forms.Form):
        photo = forms.ImageField(label="现场照片")
        check_in = forms.CharField(label="到岗打卡", required=False)

    fields = (
        Definition(name, Kind.FIELD, str(field.label), name, required=field.required)
        for name, field in PatrolForm.base_fields.items()
    )
    assert len(burdens(fields)) == 2
