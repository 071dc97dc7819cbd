"""What a kernel says about a problem it refuses, and about a rule that no plan can keep."""

from dataclasses import dataclass, field


class BadProblem(ValueError):
    """The arrays contradict each other, so that nothing can be computed.

    Parameters
    ----------
    code
        What is wrong, as an identifier (`bounds_contradict`, `not_a_number`, `edge_out_of_range`, …).
    facts
        The numbers a sentence for people needs, and `rows`: the indices at fault, where there are any.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code}: {facts}")
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Certificate:
    """Why a rule is broken, in a form a person can check by counting.

    Parameters
    ----------
    code
        The argument used (`counting`, `articulation`, `closed_area`, `building_above_bound`, …).
    buildings
        Indices of the buildings the argument is about.
    facts
        The numbers of the argument (households, bounds, how many grids would do, …); a tuple holds indices of what is
        not a building.
    """

    code: str
    buildings: tuple[int, ...] = ()
    facts: dict[str, float | int | str | tuple[int, ...]] = field(default_factory=dict)
