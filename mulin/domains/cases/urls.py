"""URLs of cases: each view module lists its own."""

from importlib import import_module

from django.urls.resolvers import URLPattern

app_name = "cases"
MODULES = ("resident", "own_data", "holder", "desk", "picture")
urlpatterns: list[URLPattern] = [
    pattern for module in MODULES for pattern in import_module(f"mulin.domains.cases.views.{module}").urlpatterns
]
