"""From the search's grid numbers to the caller's."""

import numpy as np

from mulin.kernels.partition.atoms import Atoms, west_to_east
from mulin.kernels.partition.problem import Integers, Problem


def numbered(problem: Problem, atoms: Atoms, grid_of_atom: Integers) -> Integers:
    """Grid of each building: 0, 1, … from west to east; with a present plan, its numbers and new ones after them."""
    grid_of_building = grid_of_atom[atoms.of_building]
    numbers, first = np.unique(grid_of_building[west_to_east(problem)], return_index=True)
    homes = atoms.home_numbers
    name = np.empty(len(numbers), np.int64)
    lives_on = numbers < len(homes)
    name[lives_on] = homes[numbers[lives_on]]
    new = np.flatnonzero(~lives_on)
    after = int(problem.present.max()) + 1 if problem.present is not None and len(problem.present) else 0
    name[new[np.argsort(first[new])]] = max(after, 0) + np.arange(len(new))
    return name[np.searchsorted(numbers, grid_of_building)]
