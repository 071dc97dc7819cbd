"""What a public board shows: posts, people to call, and what happens while a post is vacant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mulin.core.errors import Invalid
from mulin.domains.duty.queries import boards
from mulin.domains.duty.queries.boards import BoardFacts, PostOnBoard
from mulin.domains.places import queries as places

SUPERVISION_NUMBER = "12345"
# 36 ms a page: what is answered within one request.
MOST_BOARDS = 300


class TooManyBoards(Invalid):
    code = "too_many_boards"
    sentence = gettext_lazy("这个范围内的公示牌太多，一次印不完。")
    remedy = gettext_lazy("请按社区逐个下载。")


class NoBoards(Invalid):
    code = "no_boards"
    sentence = gettext_lazy("这个范围内还没有楼栋。")
    remedy = gettext_lazy("请先在地方目录中登记楼栋。")


@dataclass(frozen=True)
class Contact:
    """A person on a board; `dial` is what a phone calls."""

    name: str
    work_phone: str
    stands_in: bool

    @property
    def dial(self) -> str:
        return "".join(letter for letter in self.work_phone if letter.isdigit() or letter == "+")


@dataclass(frozen=True)
class Line:
    """A post on the board: who, or what happens while it is vacant."""

    post: str
    place: str
    people: tuple[Contact, ...]
    vacant: str


@dataclass(frozen=True)
class Board:
    code: str
    title: str
    address: str
    community: str
    lines: tuple[Line, ...]
    contacts: tuple[Line, ...]
    url: str
    report_url: str
    pdf_url: str
    outside_grids: bool


def board_page(board_code: str, *, now: datetime) -> Board:
    return board_of(boards.board(board_code, now=now))


def boards_pages(area_code: str, *, now: datetime, limit: int, after: int = 0) -> list[tuple[int, Board]]:
    """Return (building, its board) in the order of the buildings, those after a building."""
    found = boards.boards_of(area_code, now=now, limit=limit, after=after)
    return [(facts.building_id, board_of(facts)) for facts in found]


def boards_to_print(area_code: str, *, now: datetime) -> list[Board]:
    """Return every board of an area. Raises TooManyBoards, NoBoards."""
    found = boards_pages(area_code, now=now, limit=MOST_BOARDS + 1)
    if len(found) > MOST_BOARDS:
        raise TooManyBoards
    if not found:
        raise NoBoards
    return [board for _building, board in found]


def board_of(facts: BoardFacts) -> Board:
    return Board(
        code=facts.code,
        title=places.building_name(facts.estate, facts.building),
        address=facts.address,
        community=facts.community,
        lines=tuple(_lines(facts.posts, facts)),
        contacts=tuple(_lines(facts.contacts, facts)),
        url=reverse("duty:board", args=[facts.code]),
        report_url=_report_url(facts.code),
        pdf_url=reverse("duty:board-pdf", args=[facts.code]),
        outside_grids=not facts.grid,
    )


def _lines(posts: Iterable[PostOnBoard], facts: BoardFacts) -> Iterable[Line]:
    english = (get_language() or "").startswith("en")
    for post in posts:
        people = tuple(Contact(person.name, person.work_phone, person.stands_in) for person in post.people)
        place = post.place if post.code != boards.COMMUNITY_DESK else ""
        yield Line(post.name_en if english else post.name_zh, place, people, "" if people else _vacancy(post, facts))


def _vacancy(post: PostOnBoard, facts: BoardFacts) -> str:
    if post.code == boards.COMMUNITY_DESK or not facts.is_desk_staffed:
        return _("空缺，由街道工作台代管")
    return _("空缺，由社区值班岗代管")


def _report_url(board_code: str) -> str:
    try:
        report = reverse("cases:report")
    except NoReverseMatch:  # an installation without the cases domain still has its boards
        report = reverse("home")
    return f"{report}?b={board_code}"
