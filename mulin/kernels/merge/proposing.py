"""Ways to the one net: from each department's own, and from what all agree on; each made lawful by the partition."""

import time
from dataclasses import dataclass, replace

from mulin.kernels.merge.comparing import changed_households
from mulin.kernels.merge.consensus import consensus
from mulin.kernels.merge.problem import Params, Problem
from mulin.kernels.merge.reading import ReadNet
from mulin.kernels.merge.result import Proposal
from mulin.kernels.merge.voting import voted, weighted_change
from mulin.kernels.partition.problem import Integers
from mulin.kernels.partition.result import Result as Division
from mulin.kernels.stop import Stop

FROM_CONSENSUS = -1


@dataclass(frozen=True)
class Candidate:
    """A net grown from one start."""

    proposal: Proposal
    division: Division


def candidates(
    problem: Problem, nets: tuple[ReadNet, ...], stop: Stop, seed: int, params: Params
) -> tuple[Candidate, ...]:
    """Return the nets tried, least weighted change first.

    The start that changes least as it stands goes first and gets half the time, the next half of the rest and so on: so
    that a search stopped early has the likeliest one.
    """
    households = problem.ground.households
    starts = {number: net.grid for number, net in enumerate(nets) if net.weight > 0}
    agreed = [voted(nets, start, households) for start in (consensus(nets, problem.ground), *starts.values())]
    starts[FROM_CONSENSUS] = min(agreed, key=lambda grid: weighted_change(nets, grid, households))
    order = sorted(starts, key=lambda start: weighted_change(nets, starts[start], households))
    found: list[Candidate] = []
    for position, start in enumerate(order):
        if found and stop.is_due(0):
            break
        share = _share(stop, len(order) - position)
        found.append(_grown(problem, nets, start, starts[start], share, seed, params))
    return tuple(sorted(found, key=lambda one: (one.proposal.outside, one.proposal.cost)))


def _share(stop: Stop, among: int) -> Stop:
    """Return half the time that is left, the last start all of it; rounds and the question are everybody's."""
    if stop.seconds is None:
        return Stop(rounds=stop.rounds, asked=stop.asked)
    left = max(stop.started + stop.seconds - time.monotonic(), 0.0)
    return Stop(seconds=left if among == 1 else left / 2, rounds=stop.rounds, asked=stop.asked)


def _grown(
    problem: Problem, nets: tuple[ReadNet, ...], start: int, present: Integers, stop: Stop, seed: int, params: Params
) -> Candidate:
    """Make one start lawful with least change."""
    from mulin.kernels.partition.solving import solve

    division = solve(replace(problem.ground, present=present), stop=stop, seed=seed, params=params.partition)
    households = problem.ground.households
    changed = tuple(changed_households(net.grid, division.grid, households) for net in nets)
    cost = weighted_change(nets, division.grid, households)
    return Candidate(Proposal(start, changed, cost, division.figures.outside), division)
