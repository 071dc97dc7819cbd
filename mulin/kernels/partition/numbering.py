"""From the search's grid numbers to the caller's."""

import numpy as np

from mulin.kernels.partition.atoms import Atoms, west_to_east
from mulin.kernels.partition.problem import Integers, Problem


def numbered(problem: Problem, atoms: Atoms, grid_of_atom: Integers) -> Integers:
    """Grid of each building: 0, 1, … from west to east; with a present plan, its numbers and new ones after them."""
    grid_of_building = told_apart(atoms, grid_of_atom)[atoms.of_building]
    numbers, first = np.unique(grid_of_building[west_to_east(problem)], return_index=True)
    homes = atoms.home_numbers
    name = np.empty(len(numbers), np.int64)
    lives_on = numbers < len(homes)
    name[lives_on] = homes[numbers[lives_on]]
    new = np.flatnonzero(~lives_on)
    after = int(problem.present.max()) + 1 if problem.present is not None and len(problem.present) else 0
    name[new[np.argsort(first[new])]] = max(after, 0) + np.arange(len(new))
    return name[np.searchsorted(numbers, grid_of_building)]


def told_apart(atoms: Atoms, grid_of_atom: Integers) -> Integers:
    """Give every grid of every component a number of its own.

    The best division of a component is remembered when it is found, and a number it uses may since have become free and
    been taken by another component. A present grid's number stays with a grid that holds some of that grid.
    """
    town, homes = atoms.town.atoms, len(atoms.home_numbers)
    span = int(grid_of_atom.max(initial=0)) + 1
    pairs, label = np.unique(town["component"].astype(np.int64) * span + grid_of_atom, return_inverse=True)
    number = pairs % span
    lives_on = np.bincount(label, town["home"] == grid_of_atom, len(pairs)) > 0
    order = np.lexsort((pairs, ~lives_on, number))
    is_first = np.diff(number[order], prepend=-1) > 0
    keeps = np.zeros(len(pairs), np.bool_)
    keeps[order[is_first]] = True
    keeps &= lives_on | (number >= homes)
    free = np.setdiff1d(np.arange(homes, homes + 2 * len(pairs)), number[keeps])
    number[~keeps] = free[: np.count_nonzero(~keeps)]
    apart: Integers = number[label]
    return apart
