"""`mulin sbom`: every library this installation ships, with version and licence, as CycloneDX 1.6 JSON."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Annotated

import typer
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from django.utils.translation import gettext as _
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = Path(__file__).parent.parent
VENDORED = PACKAGE / "web" / "static" / "vendor" / "LICENSES.md"
_VENDORED_ROW = re.compile(r"\| (?P<name>[@\w./-]+) \| (?P<version>\d[\w.]*) \| (?P<licence>[\w.-]+) \|")
_SHORT = re.compile(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*", re.ASCII)
# What packages wrote before there was one field for SPDX expressions; what is not here is shown as written.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
}
Names = dict[str, set[str]]


def sbom(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help=_("写到文件；不写则打印"))
    ] = None,
) -> None:
    """列出随系统发布的全部软件包和许可证（CycloneDX）。 What ships, with licences."""
    text = JsonV1Dot6(bill_of_materials()).output_as_string(indent=2)
    if output is None:
        typer.echo(text)
        return
    output.write_text(text, encoding="utf-8")
    typer.echo(_("已写入 {file}。").format(file=output))


def bill_of_materials() -> Bom:
    """Return the packages Python loads and the libraries in the pages; each hangs on who asks for it."""
    bom = Bom()
    bom.metadata.component = root = Component(
        name="mulin", type=ComponentType.APPLICATION, version=_own("version"), licenses=[_licence("Apache-2.0")]
    )
    asked = shipped()
    components = {name: _python(distribution(name)) for name in asked}
    vendored = list(_in_the_pages())
    for component in (*components.values(), *vendored):
        bom.components.add(component)
    own = {canonicalize_name(r.name) for r in map(Requirement, _own_requirements())}
    bom.register_dependency(root, [*(components[name] for name in own if name in components), *vendored])
    for name, needed in asked.items():
        bom.register_dependency(components[name], [components[other] for other in needed if other in components])
    return bom


def shipped() -> Names:
    """Return name → names it asks for, of everything that is installed because Mulin asks for it."""
    found: Names = {}
    waiting = list(map(Requirement, _own_requirements()))
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        needed = _needed(name, asked.extras)
        if needed is None or (name in found and not asked.extras):
            continue
        found[name] = found.get(name, set()) | {canonicalize_name(one.name) for one in needed}
        waiting += [one for one in needed if canonicalize_name(one.name) not in found or one.extras - asked.extras]
    return found


def _needed(name: str, extras: Iterable[str]) -> list[Requirement] | None:
    """Return what a package asks for on this machine; None when it is not installed here."""
    try:
        written = distribution(name).requires or []
    except PackageNotFoundError:
        return None
    asked = map(Requirement, written)
    chosen = [{"extra": extra} for extra in ("", *extras)]
    return [one for one in asked if one.marker is None or any(map(one.marker.evaluate, chosen))]


def _own_requirements() -> list[str]:
    try:
        return [line for line in distribution("mulin").requires or [] if "extra ==" not in line]
    except PackageNotFoundError:
        return list(_project()["dependencies"])


def _own(field: str) -> str:
    try:
        return distribution("mulin").version
    except PackageNotFoundError:
        return str(_project()[field])


def _project() -> dict[str, list[str] | str]:
    """Return what pyproject.toml says, when the project runs from its folder."""
    with (PACKAGE.parent / "pyproject.toml").open("rb") as file:
        project: dict[str, list[str] | str] = tomllib.load(file)["project"]
    return project


def _python(package: Distribution) -> Component:
    name = canonicalize_name(package.metadata["Name"])
    return Component(
        name=name,
        version=package.version,
        description=package.metadata["Summary"],
        purl=PackageURL("pypi", None, name, package.version),
        licenses=[_licence(licence_of(package))],
        bom_ref=f"pypi:{name}",
    )


def licence_of(package: Distribution) -> str:
    """Return the licence a package states: SPDX where it does, else its classifier, else its own words."""
    told = package.metadata
    classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if "License ::" in line]
    first_line = (told["License"] or "").strip().partition("\n")[0]
    known = [SPDX[name] for name in (first_line, *classifiers) if name in SPDX]
    spelled = told["License-Expression"] or (first_line if _SHORT.fullmatch(first_line) else "")
    return SPDX.get(spelled, spelled) or next(iter(known), first_line)


def _in_the_pages() -> Iterator[Component]:
    for row in _VENDORED_ROW.finditer(VENDORED.read_text(encoding="utf-8")):
        scope, _slash, short = row["name"].rpartition("/")
        yield Component(
            name=row["name"],
            version=row["version"],
            purl=PackageURL("npm", scope or None, short, row["version"]),
            licenses=[_licence(row["licence"])],
            bom_ref=f"npm:{row['name']}",
            properties=[Property(name="mulin:shipped-in", value="mulin/web/static/vendor")],
        )


_licence = LicenseFactory().make_from_string
