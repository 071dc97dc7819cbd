"""Proofs, in the form of counts, that no division can keep every rule.

Asked only where the plan has a grid outside its bounds. Each certificate proves that some grid at the buildings it
names must break a bound, and excuses one grid of the plan there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mulin.kernels.facts import Certificate
from mulin.kernels.partition.atoms import Atoms
from mulin.kernels.partition.engine.gates import gates, pieces_around, with_piece
from mulin.kernels.partition.exhausting import Neighbourhood
from mulin.kernels.partition.problem import Bounds, Flags, Integers, Problem

MOST_ATOMS_HELD = 12  # wider areas are not searched exhaustively
LARGEST_BOUND_REACHED = 10_000  # a count over an articulation building takes an array of this length


def can_be_divided(households: int, bounds: Bounds) -> bool:
    """Whether some number m of grids has m · lowest <= households <= m · highest."""
    fewest = max(1, -(-households // bounds.highest))
    return fewest * bounds.lowest <= households


@dataclass
class Excuses:
    """Certificates, and the grids nothing excuses."""

    certificates: list[Certificate] = field(default_factory=list)
    unexplained: list[int] = field(default_factory=list)


def certify(problem: Problem, atoms: Atoms, grid: Integers, outside: Integers) -> Excuses:
    """Look for a proof for every grid outside its bounds.

    Parameters
    ----------
    grid : (n,) int64
        Grid of each building.
    outside
        Numbers of the grids outside their bounds.
    """
    excuses = Excuses()
    component = atoms.town.atoms["component"][atoms.of_building]
    of_grid = {int(number): int(component[at]) for number, at in zip(*np.unique(grid, return_index=True), strict=True)}
    gate, around = _gates(problem, atoms), Neighbourhood(atoms.town, problem.bounds)
    for part in sorted({of_grid[int(number)] for number in outside}):
        bad = [int(number) for number in outside if of_grid[int(number)] == part]
        town_part = _Part(problem, atoms, around, grid, np.flatnonzero(component == part), bad)
        town_part.certify(gate)
        excuses.certificates += town_part.certificates
        excuses.unexplained += town_part.bad
    excuses.unexplained.sort()
    return excuses


def _gates(problem: Problem, atoms: Atoms) -> Flags:
    if problem.bounds.highest > LARGEST_BOUND_REACHED:
        return np.zeros(len(atoms.town.atoms), np.bool_)
    found: Flags = gates(atoms.town, atoms.rules)
    return found


@dataclass
class _Part:
    """One component with grids outside their bounds; what is excused leaves `bad`."""

    problem: Problem
    atoms: Atoms
    around: Neighbourhood
    grid: Integers
    buildings: Integers
    bad: list[int]
    certificates: list[Certificate] = field(default_factory=list)

    def certify(self, gate: Flags) -> None:
        """Try the arguments from the plainest to the least plain."""
        for atom in self._atoms_above_bound():
            self._excuse(self._above_bound(atom))
        households = self._households(self.buildings)
        if not self.certificates and not can_be_divided(households, self.problem.bounds):
            self._excuse(self._closed(households))
        if not self.certificates and households // self.problem.bounds.lowest == 1:
            self._excuse(self._apart_in_one_grid(households))
        proved = np.zeros(len(self.grid), np.bool_)
        for certificate in self.certificates:
            proved[list(certificate.buildings)] = True
        for atom in np.unique(self.atoms.of_building[self.buildings]):
            if self.bad and gate[atom]:
                self._excuse_apart_from(proved, self._gate(int(atom)))
        for number in list(self.bad):
            self._excuse_apart_from(proved, self._hemmed_in(number))

    def _excuse(self, certificate: Certificate | None) -> None:
        """Accept a certificate if a bad grid lies at its buildings."""
        if certificate is None:
            return
        at = self.grid[list(certificate.buildings)]
        excused = next((number for number in self.bad if number in at), None)
        if excused is not None:
            self.bad.remove(excused)
            self.certificates.append(certificate)

    def _members(self, atom: int) -> Integers:
        members: Integers = self.buildings[self.atoms.of_building[self.buildings] == atom]
        return members

    def _atoms_above_bound(self) -> Integers:
        of_building = self.atoms.of_building[self.buildings]
        too_large: Flags = self.atoms.town.atoms["households"][of_building] > self.problem.bounds.highest
        atoms: Integers = np.unique(of_building[too_large])
        return atoms

    def _above_bound(self, atom: int) -> Certificate:
        """A building, or piece, larger than a grid may be."""
        members = self._members(atom)
        code = "building_above_bound" if len(members) == 1 else "piece_above_bound"
        households = int(self.atoms.town.atoms["households"][atom])
        return _certificate(code, members, households=households, highest=self.problem.bounds.highest)

    def _closed(self, households: int) -> Certificate:
        """An area nothing leads out of, with a count no number of grids fits."""
        bounds = self.problem.bounds
        community = int(self.problem.community[self.buildings[0]])
        whole = len(self.buildings) == int((self.problem.community == community).sum())
        return _certificate(
            "counting" if whole else "closed_area",
            self.buildings,
            households=households,
            community=community,
            lowest=bounds.lowest,
            highest=bounds.highest,
            too_many_for=households // bounds.highest,
            too_few_for=households // bounds.highest + 1,
        )

    def _apart_in_one_grid(self, households: int) -> Certificate | None:
        """Two buildings that may not share a grid where there can be only one."""
        if self.problem.apart is None or len(self.problem.apart) == 0:
            return None
        inside = np.isin(self.problem.apart, self.buildings).all(axis=1)
        if not inside.any():
            return None
        pair = self.problem.apart[inside][0]
        return _certificate("apart_in_one_grid", pair, households=households, lowest=self.problem.bounds.lowest)

    def _excuse_apart_from(self, proved: Flags, certificate: Certificate | None) -> None:
        """Excuse a bad grid if its proof shares no building with an earlier one: two faults need two proofs."""
        if certificate is None or proved[list(certificate.buildings)].any():
            return
        at = list(certificate.buildings)
        before = len(self.certificates)
        self._excuse(certificate)
        if len(self.certificates) > before:
            proved[at] = True

    def _gate(self, atom: int) -> Certificate:
        """An articulation building: what the pieces around it cannot divide among themselves must join its grid."""
        town, bounds = self.atoms.town, self.problem.bounds
        piece = pieces_around(town, atom)
        inside = piece >= 0
        households = np.bincount(piece[inside], town.atoms["households"][inside]).astype(np.int64)
        small = [at for at, count in enumerate(households) if not self._is_free(int(count))]
        named = np.isin(piece, small)
        named[atom] = True
        own = int(town.atoms["households"][atom])
        rests = [max(0, int(count) - int(count) // bounds.lowest * bounds.highest) for count in households[small]]
        return _certificate(
            "articulation",
            self.buildings[named[self.atoms.of_building[self.buildings]]],
            building=int(self._members(atom)[0]),
            households=own,
            lowest=bounds.lowest,
            highest=bounds.highest,
            pieces=tuple(int(count) for count in households[small]),
            at_least=own + sum(rests),
        )

    def _hemmed_in(self, number: int) -> Certificate | None:
        """A few buildings around a bad grid that no lawful grids can hold, whatever is tried."""
        wanted = frozenset(self.atoms.of_building[self.grid == number].tolist())
        for cluster in (*(frozenset((atom,)) for atom in sorted(wanted)), *self._rings(wanted)):
            if self.around.cannot_be_held(cluster):
                members = np.flatnonzero(np.isin(self.atoms.of_building, list(cluster)))
                return _certificate("hemmed_in", members, tried=self.around.tried, households=self._households(members))
        return None

    def _rings(self, wanted: frozenset[int]) -> Iterator[frozenset[int]]:
        """The atoms themselves, then with more and more of their neighbours."""
        yield wanted
        while len(wanted) < MOST_ATOMS_HELD:
            wider = self.around.ring(wanted)
            if wider == wanted:
                return
            wanted = wider
            yield wanted

    def _households(self, buildings: Integers) -> int:
        return int(self.problem.households[buildings].sum())

    def _is_free(self, households: int) -> bool:
        """Whether a piece can give any number of its households, so that it proves nothing."""
        nothing = np.zeros(self.problem.bounds.highest + 1, np.bool_)
        nothing[0] = True
        return bool(with_piece(self.atoms.rules, nothing, households).all())


def _certificate(code: str, buildings: Integers, **facts: float | str | tuple[int, ...]) -> Certificate:
    return Certificate(code, tuple(int(building) for building in buildings), facts)
