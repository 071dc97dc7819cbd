"""The rules of places: grid codes, the order in which grids are numbered, the size of a contact group."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mulin.core.errors import Invalid


class GridCodeInvalid(Invalid):
    code = "grid_code_invalid"
    sentence = _("网格编码有误。")
    remedy = _("网格编码为 15 位数字：县级 6 位、街道 3 位、社区 3 位、顺序号 3 位（GB/T 30428.1）。")


class GroupSizeInvalid(Invalid):
    code = "group_size_invalid"
    sentence = _("联户组的户数不合适。")


@dataclass(frozen=True, slots=True)
class GridCodeFormat:
    """How many digits each part has; GB/T 30428.1 by default, other regions append longer sequence numbers."""

    county: int = 6
    street: int = 3
    community: int = 3
    sequence: int = 3

    @property
    def area_digits(self) -> int:
        return self.county + self.street + self.community

    @property
    def length(self) -> int:
        return self.area_digits + self.sequence


GB_T_30428 = GridCodeFormat()


def grid_code(area_code: str, sequence: int, layout: GridCodeFormat = GB_T_30428) -> str:
    """Return the code of grid number `sequence` of a community; raise GridCodeInvalid when it has no room."""
    code = f"{area_code[: layout.area_digits]}{sequence:0{layout.sequence}}"
    check_grid_code(code, area_code, layout)
    return code


def check_grid_code(code: str, area_code: str, layout: GridCodeFormat = GB_T_30428) -> None:
    """Raise GridCodeInvalid unless `code` has the right digits, lies in the community and is not number 0."""
    if len(code) != layout.length or not (code.isascii() and code.isdigit()):
        raise GridCodeInvalid(length=layout.length)
    if code[: layout.area_digits] != area_code[: layout.area_digits]:
        raise GridCodeInvalid(_("网格编码的前几位应与所在社区的编码一致。"), area_code=area_code)
    if int(code[layout.area_digits :]) == 0:
        raise GridCodeInvalid(_("网格的顺序号从 1 开始。"))


def reading_order(centres: Sequence[tuple[float, float]], row_height: float | None = None) -> list[int]:
    """Return the indexes of the centres (lon, lat) from north to south and, within a row, from west to east.

    Centres less than half a `row_height` (degrees) south of the first of a row belong to it. By default the height
    is twice the median distance from one centre to the next further north.
    """
    southward = sorted(range(len(centres)), key=lambda i: (-centres[i][1], centres[i][0]))
    drops = [centres[a][1] - centres[b][1] for a, b in zip(southward, southward[1:], strict=False)]
    height = row_height if row_height is not None else 2.0 * median(drops or [0.0])
    rows: list[list[int]] = []
    for index in southward:
        if rows and centres[rows[-1][0]][1] - centres[index][1] <= height / 2.0:
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: centres[i])]


@dataclass(frozen=True, slots=True)
class GroupSize:
    """十联户: neighbours 10 to 15 households; a region that decided otherwise passes its own numbers."""

    least: int = 10
    most: int = 15

    def check(self, households: int) -> None:
        """Raise GroupSizeInvalid when a group of so many households is too small or too large."""
        if not self.least <= households <= self.most:
            raise GroupSizeInvalid(
                remedy=format_lazy(_("一个联户组应有 {least} 至 {most} 户。"), least=self.least, most=self.most),
                households=households,
            )

    def split(self, households: int) -> list[int]:
        """Return sizes of groups for so many adjacent households: as few groups as `most` allows, all about equal.

        A handful, or a number between two multiples, gives groups below `least`: neighbours are not left out.
        """
        if households <= 0:
            return []
        count = -(-households // self.most)
        small, larger = divmod(households, count)
        return [small + 1] * larger + [small] * (count - larger)


TEN_HOUSEHOLDS = GroupSize()


def door(building_id: int, room: str) -> str:
    """Return what a room is looked up by: alike however it is written, different in every building."""
    return f"door:{building_id}:{room.strip().casefold()}"
