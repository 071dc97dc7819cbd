"""Proof by trying everything around a few buildings: no lawful grids exist that hold them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mulin.kernels.partition.engine.arrays import Town
from mulin.kernels.partition.problem import Bounds

BUDGET = 3_000  # groups tried before a proof is given up, some 20 ms,
WHOLE_BUDGET = 12_000  # and for all proofs of a plan

Group = frozenset[int]


class OutOfBudget(Exception):
    """More groups than may be tried."""


@dataclass
class Neighbourhood:
    """Contiguous groups of atoms of a town, few at a time."""

    town: Town
    bounds: Bounds
    tried: int = 0
    left: int = WHOLE_BUDGET
    _beside: dict[int, Group] = field(default_factory=dict)
    _counts: dict[int, int] = field(default_factory=dict)

    def beside(self, atom: int) -> Group:
        if atom not in self._beside:
            row = self.town.atoms[atom]
            self._beside[atom] = frozenset(self.town.edges["neighbour"][row["start"] : row["end"]].tolist())
        return self._beside[atom]

    def ring(self, atoms: Group) -> Group:
        """The atoms and all their neighbours."""
        return atoms.union(*(self.beside(atom) for atom in atoms))

    def cannot_be_held(self, wanted: Group) -> bool:
        """Whether no disjoint lawful grids hold all these atoms, as far as the budget lets us know.

        Grids may take any atom of the town; those that may not share a grid are not looked at, so that a proof holds
        with and without them.
        """
        self.tried = 0
        try:
            return not self._can_be_held(wanted, frozenset())
        except OutOfBudget:
            return False

    def _can_be_held(self, wanted: Group, taken: Group) -> bool:
        if not wanted:
            return True
        first = max(wanted, key=lambda atom: (len(self.beside(atom) & taken), -atom))
        return any(self._can_be_held(wanted - grid, taken | grid) for grid in self._lawful_grids(first, taken))

    def _lawful_grids(self, atom: int, taken: Group) -> Iterator[Group]:
        """Every contiguous group with an atom and within bounds, each once (the refused of one branch stay refused)."""
        waiting = [(frozenset((atom,)), self.beside(atom) - taken, taken | {atom}, self._households(atom))]
        while waiting:
            grid, border, refused, households = waiting.pop()
            self._count()
            if self.bounds.lowest <= households <= self.bounds.highest:
                yield grid
            for other in sorted(border):
                refused = refused | {other}
                more = households + self._households(other)
                if more <= self.bounds.highest:
                    waiting.append((grid | {other}, (border | self.beside(other)) - refused, refused, more))

    def _households(self, atom: int) -> int:
        if atom not in self._counts:
            self._counts[atom] = int(self.town.atoms[atom]["households"])
        return self._counts[atom]

    def _count(self) -> None:
        self.tried += 1
        self.left -= 1
        if self.tried > BUDGET or self.left < 0:
            raise OutOfBudget
