"""Proofs, in the form of counts, that no division can keep every rule.

Asked only where the plan has a grid outside its bounds; each certificate excuses the grids it is about.
"""

from dataclasses import dataclass

import numpy as np

from mulin.kernels.facts import Certificate
from mulin.kernels.partition.atoms import Atoms
from mulin.kernels.partition.problem import Bounds, Integers, Problem


def can_be_divided(households: int, bounds: Bounds) -> bool:
    """Whether some number m of grids has m · lowest <= households <= m · highest."""
    fewest = max(1, -(-households // bounds.highest))
    return fewest * bounds.lowest <= households


@dataclass(frozen=True)
class Excuses:
    """Certificates, and the grids nothing excuses."""

    certificates: tuple[Certificate, ...]
    unexplained: tuple[int, ...]


def certify(problem: Problem, atoms: Atoms, grid: Integers, outside: Integers) -> Excuses:
    """Look for a proof for every grid outside its bounds.

    Parameters
    ----------
    grid : (n,) int64
        Grid of each building.
    outside
        Numbers of the grids outside their bounds.
    """
    certificates: list[Certificate] = []
    unexplained: list[int] = []
    component = atoms.town.atoms["component"][atoms.of_building]
    of_grid = {int(number): int(component[at]) for number, at in zip(*np.unique(grid, return_index=True), strict=True)}
    for part in sorted({of_grid[int(number)] for number in outside}):
        bad = [int(number) for number in outside if of_grid[int(number)] == part]
        found, excused = _of_component(problem, atoms, grid, np.flatnonzero(component == part), bad)
        certificates += found
        unexplained += [number for number in bad if number not in excused]
    return Excuses(tuple(certificates), tuple(sorted(unexplained)))


def _of_component(
    problem: Problem, atoms: Atoms, grid: Integers, buildings: Integers, bad: list[int]
) -> tuple[list[Certificate], set[int]]:
    """Certificates about one component, and the grids they excuse."""
    too_large = _above_bound(problem, atoms, buildings)
    if too_large:
        return too_large, {int(grid[certificate.buildings[0]]) for certificate in too_large}
    households = int(problem.households[buildings].sum())
    if not can_be_divided(households, problem.bounds):
        return [_closed(problem, buildings, households)], {bad[0]}
    return [], set()


def _above_bound(problem: Problem, atoms: Atoms, buildings: Integers) -> list[Certificate]:
    """One certificate for each building, or piece, larger than a grid may be."""
    of_building = atoms.of_building[buildings]
    found = []
    for atom in np.unique(of_building[atoms.town.atoms["households"][of_building] > problem.bounds.highest]):
        members = buildings[of_building == atom]
        code = "building_above_bound" if len(members) == 1 else "piece_above_bound"
        facts = {"households": int(atoms.town.atoms["households"][atom]), "highest": problem.bounds.highest}
        found.append(Certificate(code, tuple(int(b) for b in members), facts))
    return found


def _closed(problem: Problem, buildings: Integers, households: int) -> Certificate:
    """An area nothing leads out of, with a count no number of grids fits."""
    bounds = problem.bounds
    community = int(problem.community[buildings[0]])
    whole = len(buildings) == int((problem.community == community).sum())
    facts: dict[str, float | int | str] = {
        "households": households,
        "community": community,
        "lowest": bounds.lowest,
        "highest": bounds.highest,
        "too_many_for": households // bounds.highest,
        "too_few_for": households // bounds.highest + 1,
    }
    return Certificate("counting" if whole else "closed_area", tuple(int(b) for b in buildings), facts)
