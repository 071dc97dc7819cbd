"""The door of the partition kernel."""

from mulin.kernels.partition.problem import Params, Problem
from mulin.kernels.partition.result import Result, Watcher
from mulin.kernels.partition.validation import check
from mulin.kernels.readiness import require
from mulin.kernels.stop import Stop


def solve(
    problem: Problem, *, stop: Stop, seed: int = 0, params: Params | None = None, watch: Watcher | None = None
) -> Result:
    """Divide buildings into grids.

    A first plan comes from one spanning tree per connected area, divided by dynamic programming; flips and
    recombinations under simulated annealing improve it until `stop`. With a present plan, only the grids that break a
    rule and those around them change, unless `params.change` is 0. The rules hold at any moment; what cannot hold is
    certified. The same seed and a limit by rounds give the same plan, whatever the order of the buildings.

    Parameters
    ----------
    problem
        Refused with `BadProblem` where its arrays contradict each other.
    stop
        Asked every 5 ms or so. Limits the improvement; the first plan (O((n + m) log n)) is always made.
    watch
        Told of the first plan and then a few times a second.

    Notes
    -----
    DeFord, Duchin & Solomon, "Recombination", HDSR 2021 (the move); Kirkpatrick et al., Science 1983 (annealing).
    Compiled once per machine (about 30 s), then cached.
    """
    params = params or Params()
    require("partition")
    check(problem, params)
    from mulin.kernels.partition.run import Run  # numba is loaded only where it is used

    return Run(problem, params, seed, stop, watch).result()
