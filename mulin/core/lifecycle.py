"""A lifecycle as one table of named moves: buttons, API, diagrams and tests read the same table."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mulin.core.errors import Refused
from mulin.core.listed import listed


class IllegalMove(Refused):
    code = "illegal_move"


@dataclass(frozen=True)
class Move:
    """One edge: from any of `sources` to `target` (None: the state stays as it is)."""

    name: str
    label: str | Promise
    sources: frozenset[str]
    target: str | None
    permission: str
    why: str | Promise = ""

    def lands_on(self, state: str) -> str:
        return state if self.target is None else self.target


@dataclass(frozen=True)
class Lifecycle:
    start: str
    moves: tuple[Move, ...]
    labels: dict[str, str | Promise]

    @cached_property
    def _by_name(self) -> dict[str, Move]:
        return {move.name: move for move in self.moves}

    def move(self, name: str) -> Move:
        """Return the move called `name`; raise IllegalMove if there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise IllegalMove(_("没有“{name}”这一步。").format(name=name)) from None

    def step(self, state: str, name: str) -> Move:
        """Return the move called `name` if it may start at `state`; raise IllegalMove if not."""
        move = self.move(name)
        if state not in move.sources:
            possible = listed(m.label for m in self.from_(state)) or _("无")
            raise IllegalMove(
                _("现在是“{state}”，不能“{move}”。").format(state=self.labels.get(state, state), move=move.label),
                remedy=_("现在可以做的：{possible}").format(possible=possible),
                state=state,
                possible=[m.name for m in self.from_(state)],
            )
        return move

    def from_(self, state: str) -> list[Move]:
        return [move for move in self.moves if state in move.sources]

    def reachable(self) -> set[str]:
        seen = {self.start}
        while new := {m.target for m in self.moves if m.target and m.sources & seen} - seen:
            seen |= new
        return seen


def move(
    name: str,
    label: str | Promise,
    *,
    sources: Iterable[str],
    target: str | None,
    permission: str,
    why: str | Promise = "",
) -> Move:
    return Move(name, label, frozenset(sources), target, permission, why)
