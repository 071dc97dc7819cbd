"""Buildings into grids: each in exactly one, contiguous, inside its community, within bounds, few streets cut.

Importing this loads neither numba nor SciPy; `solve` and the measures load them when they are called.
"""

from mulin.kernels.partition.entrances import split_by_entrances
from mulin.kernels.partition.measuring import broken_rules, figures
from mulin.kernels.partition.problem import Bounds, Params, Problem
from mulin.kernels.partition.result import Figures, Progress, Result
from mulin.kernels.partition.solving import solve

__all__ = [
    "Bounds", "Figures", "Params", "Problem", "Progress", "Result", "broken_rules", "figures", "solve",
    "split_by_entrances",
]  # fmt: skip
