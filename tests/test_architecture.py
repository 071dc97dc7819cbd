"""The rules of the house that an import contract cannot see."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.permission_table import PERMISSION_TABLE

PROJECT = Path(__file__).parent.parent
ROOT = PROJECT / "mulin"
DOMAINS = ("accounts", "places", "organisations", "duty", "planning", "cases")
# Which rooms of another domain a room may enter. Models are open to all for keys and types; who asks or writes
# their tables is held by test_only_a_domain_asks_its_own_tables.
DOORS = {
    "models": {"models"},
    "triggers": {"models"},
    "queries": {"queries", "models"},
    "access": {"access", "queries", "models"},
    "engine": {"queries", "models"},
    "services": {"services", "queries", "models", "events"},
    "events": {"models"},
    "handlers": {"events", "services", "queries", "models"},
    "tasks": {"access", "queries", "models"},
    "moving": {"access", "queries", "models"},
    "pages": {"access", "queries", "models"},
    "views": {"access", "queries", "models"},
    "api": {"access", "queries", "models"},
    "backends": {"access", "queries", "models"},
}
CLOCKS = (".now", ".today", ".utcnow", ".localdate", ".localtime", "time.time")
DATABASE_WORDS = {
    "objects", "save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "select_for_update",
    "select_related", "prefetch_related", "annotate", "aggregate", "values_list", "filter", "exclude", "delete",
}  # fmt: skip
NAMELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib", "manager", "managers"}
FUNCTION_LINES = 80
FILE_LINES = 500
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma: no cover)")


def python_files(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def room_files(room: str) -> list[Path]:
    """A room is `services.py` or a package `services/` of small files."""
    return sorted([*ROOT.glob(f"domains/*/{room}.py"), *ROOT.glob(f"domains/*/{room}/**/*.py")])


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def clock_readings(path: Path) -> list[str]:
    """Calls that ask the clock; `localdate(now)` converts a time it is given."""
    asked = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call) and not (n.args or n.keywords)]
    names = [ast.unparse(node.func) for node in asked]
    return [f"{name_of(path)}: {name}()" for name in names if name == "now" or name.endswith(CLOCKS)]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "mulin", cache_dir=None, exclude_type_checking_imports=True, include_external_packages=True
    )


def test_another_domain_is_entered_by_its_doors(graph: grimp.ImportGraph) -> None:
    wrong = []
    for importer in sorted(graph.modules):
        match importer.split("."):
            case ["mulin", "domains", home, room, *_]:
                doors = DOORS.get(room, set())
            case _:
                continue
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            match imported.split("."):
                case ["mulin", "domains", other, *inside] if other != home and not doors & set(inside[:1]):
                    wrong.append(f"{importer} -> {imported}")
    assert wrong == []


def test_only_a_domain_asks_its_own_tables() -> None:
    """`Model.objects` of another domain stands in queries only: you may read your neighbour's books, he writes them."""
    wrong = [
        f"{name_of(path)}:{node.lineno} {node.value.id}.objects"
        for path in sorted(ROOT.glob("domains/*/**/*.py"))
        if not {"migrations", "queries"} & {*path.parts, path.stem}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name)
        if node.value.id in foreign_models(path)
    ]
    assert wrong == []


def foreign_models(path: Path) -> set[str]:
    home = path.relative_to(ROOT / "domains").parts[0]
    names = (module.split(".") for module in imported_by(path))
    return {n[-1] for n in names if n[:2] == ["mulin", "domains"] and n[2] != home and n[3:4] == ["models"]}


def test_nobody_calls_a_handler(graph: grimp.ImportGraph) -> None:
    """Handlers are registered by their domain's apps.py and run by the outbox."""
    wrong = [
        f"{importer} -> {module}"
        for module in sorted(graph.modules)
        if re.fullmatch(r"mulin\.domains\.\w+\.handlers", module)
        for importer in graph.find_modules_that_directly_import(module)
        if importer != module.replace(".handlers", ".apps")
    ]
    assert wrong == []


def test_no_import_goes_in_a_circle(graph: grimp.ImportGraph) -> None:
    ours = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules if m.startswith("mulin")}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_package_in_use_is_asked_for(graph: grimp.ImportGraph) -> None:
    """What is imported only because something else happens to install it is gone after the next upgrade."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        asked = {canonical(line) for line in tomllib.load(file)["project"]["dependencies"]}
    installed = packages_distributions()
    wrong = [
        module
        for module in sorted(graph.modules)
        if graph.is_module_squashed(module) and module in installed
        if not asked & {canonical(name) for name in installed[module]}
    ]
    assert wrong == []


def canonical(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def test_foreign_keys_point_down_the_order_of_the_domains() -> None:
    """A key written as a string is invisible to an import contract, so the live models are asked."""
    order = {label: height for height, label in enumerate(DOMAINS)}
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_config.name.startswith("mulin.")
        for field in model._meta.concrete_fields + model._meta.many_to_many
        if field.is_relation and field.related_model
        if order.get(field.related_model._meta.app_label, -1) > order.get(model._meta.app_label, -1)
    ]
    assert wrong == []


def test_services_are_told_the_time_and_take_names() -> None:
    clocks = [line for path in room_files("services") for line in clock_readings(path)]
    positional = [
        f"{name_of(path)}: {function.name}"
        for path in room_files("services")
        for function in tree_of(path).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if function.args.args or function.args.posonlyargs
    ]
    assert (clocks, positional) == ([], [])


def test_a_service_never_guesses_who_or_when() -> None:
    wrong = [
        f"{name_of(path)}: {function.name}({argument.arg}=…)"
        for path in room_files("services")
        for function in functions_of(tree_of(path))
        for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if argument.arg in {"now", "actor"} and default is not None
    ]
    assert wrong == []


def test_rules_know_no_clock_and_no_database() -> None:
    files = room_files("rules") + room_files("states")
    clocks = [line for path in files for line in clock_readings(path)]
    database = [
        f"{name_of(path)}: {module}"
        for path in room_files("rules")
        for module in imported_by(path)
        if re.match(r"django\.db|mulin\.domains\.\w+\.(models|queries|services)", module)
    ]
    assert (clocks, database) == ([], [])


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)


def test_entrances_do_not_touch_the_database() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} .{node.attr}"
        for room in ("views", "api")
        for path in room_files(room)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in DATABASE_WORDS
    ]
    assert wrong == []


def test_functions_and_files_can_be_read_at_once() -> None:
    files = python_files("mulin", "tests", "benchmarks")
    long_functions = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in files
        for function in functions_of(tree_of(path))
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]
    long_files = [name_of(path) for path in files if code_lines(path) > FILE_LINES]
    assert (long_functions, long_files) == ([], [])


def code_lines(path: Path) -> int:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


def test_every_module_says_what_it_is_about() -> None:
    assert [name_of(p) for p in python_files("mulin", "tests", "benchmarks") if p.stem in NAMELESS_NAMES] == []


def test_warnings_are_mended_not_hushed() -> None:
    lines = [line for path in python_files("mulin") for line in path.read_text(encoding="utf-8").splitlines()]
    hushed = [line.strip() for line in lines if SUPPRESSION.search(line)]
    assert len(hushed) * 1000 <= max(len(lines), 1000), hushed


def test_every_lifecycle_is_whole() -> None:
    """Every state can be reached, and every move asks for a permission and has a name a person can read."""
    from mulin.domains.cases.states import LIFECYCLE, Status

    assert LIFECYCLE.reachable() == set(Status.values)
    assert [m.name for m in LIFECYCLE.moves if not m.permission or not str(m.label)] == []
    named = [m.name for m in LIFECYCLE.moves]
    assert sorted(named) == sorted(set(named))
    assert {state for m in LIFECYCLE.moves for state in m.sources} <= set(Status.values)


def url_names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from url_names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}"


def test_every_address_is_in_the_permission_table() -> None:
    """And the table names no address that is gone."""
    addresses = set(url_names(get_resolver()))
    assert (sorted(addresses - set(PERMISSION_TABLE)), sorted(set(PERMISSION_TABLE) - addresses)) == ([], [])
