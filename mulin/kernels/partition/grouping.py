"""Connected groups of buildings. Loads numba when it is called, not when it is imported."""

import numpy as np

from mulin.kernels.partition.problem import Flags, Integers, Problem


def group_leaders(problem: Problem, holds: Flags, label: Integers) -> Integers:
    """Return the first building of each building's group over edges that hold and stay within one label. O(n + m)."""
    from mulin.kernels.partition.engine.graphs import groups_within

    return groups_within(np.ascontiguousarray(problem.edges, np.int64), holds, np.asarray(label, np.int64))
