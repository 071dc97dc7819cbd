"""From the search's grid numbers to the caller's."""

import numpy as np

from mulin.kernels.partition.atoms import Atoms
from mulin.kernels.partition.problem import Integers, Problem


def numbered(problem: Problem, atoms: Atoms, grid_of_atom: Integers) -> Integers:
    """Grid of each building: 0, 1, … from west to east; with a present plan, its numbers and new ones after them."""
    numbers, first, inverse = np.unique(grid_of_atom, return_index=True, return_inverse=True)
    homes = atoms.home_numbers
    name = np.empty(len(numbers), np.int64)
    lives_on = numbers < len(homes)
    name[lives_on] = homes[numbers[lives_on]]
    new = np.flatnonzero(~lives_on)
    after = int(problem.present.max()) + 1 if problem.present is not None and len(problem.present) else 0
    name[new[np.argsort(first[new])]] = max(after, 0) + np.arange(len(new))
    return name[inverse][atoms.of_building]
