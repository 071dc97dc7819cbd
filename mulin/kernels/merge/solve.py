"""Several nets into one."""

from mulin.kernels.merge.checks import check
from mulin.kernels.merge.problem import Params, Problem
from mulin.kernels.merge.result import Result
from mulin.kernels.stop import Stop


def solve(problem: Problem, *, stop: Stop, seed: int = 0, params: Params | None = None) -> Result:
    """Compare the nets, propose one lawful net with least weighted change, and say what answers for the old codes.

    The overlay, the differences, the bound and the table are exact; the proposal is the best of those grown from each
    net and from the consensus (a heuristic with a bound). Time: the overlay O(n log n) and the intersections of
    outlines; the rest of `stop` goes to the partition, whose results repeat for the same seed under a limit of rounds.

    Raises
    ------
    BadProblem
        Where the nets or the ground contradict themselves.
    """
    params = params or Params()
    check(problem, params)
    from mulin.kernels.merge.merging import merged  # solvers that few processes need

    return merged(problem, stop, seed, params)
