"""METIS as a yardstick beside a draft: the same grids, ground and measures; without it nothing else is different."""

from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from mulin.commands.main import app
from mulin.domains.planning import general_program
from mulin.domains.planning.general_program import figures_beside, is_installed
from mulin.domains.planning.pages.plan_figures import metis_figures
from mulin.domains.planning.queries import plans
from mulin.domains.planning.rules.snapshot import GroundArrays
from mulin.domains.planning.services import editing
from mulin.kernels.partition.problem import IMPASSABLE, Bounds, Params
from tests.domains.planning.drafting import again, draft_of, head_of, street
from tests.factories import NOW

needs_metis = pytest.mark.skipif(not is_installed(), reason="no wheel of pymetis for this machine")


def rows_of_houses(communities: int = 2, side: int = 6) -> GroundArrays:
    """Communities of side × side buildings with 10 households each, beside each other; today's grids are halves."""
    size = side * side
    number = np.arange(communities * size)
    row, column = np.divmod(number % size, side)
    right, down = number[column < side - 1], number[row < side - 1]
    edges = np.concatenate([np.column_stack([right, right + 1]), np.column_stack([down, down + side])])
    xy = 30.0 * np.column_stack([column + (side + 1) * (number // size), row])
    return GroundArrays(
        building_ids=number,
        households=np.full(len(number), 10),
        xy=xy,
        lonlat=xy / 100_000 + [106.9, 27.7],
        edges=edges,
        barriers=np.zeros(len(edges), np.int64),
        community=number // size,
        community_codes=np.array([f"52030300100{code}" for code in range(communities)]),
        present=2 * (number // size) + row // (side // 2),
        grid_ids=np.arange(2 * communities) + 1,
        dedicated=np.zeros(2 * communities, np.bool_),
    )


def beside(arrays: GroundArrays, grid: np.ndarray) -> dict | None:
    return figures_beside(arrays, grid, Bounds(100, 200), Params())


@needs_metis
def test_every_community_gets_as_many_grids_as_in_the_plan() -> None:
    arrays = rows_of_houses()
    found = beside(arrays, arrays.present)
    assert found is not None
    assert (found["grids"], found["broken"]) == (4, 0)
    three = np.where(arrays.community == 0, 0, arrays.present)
    assert (beside(arrays, three) or {})["grids"] == 3
    assert beside(arrays, three) == beside(arrays, three)


@needs_metis
def test_a_mall_stays_and_an_island_does_no_harm() -> None:
    arrays = rows_of_houses()
    mall = arrays.present.copy()
    mall[0] = len(arrays.grid_ids)
    own = replace(arrays, present=mall, grid_ids=np.arange(5) + 1, dedicated=np.arange(5) == 4)
    assert (beside(own, mall) or {})["grids"] == 5
    cut_off = np.where((arrays.edges == 7).any(axis=1), IMPASSABLE, arrays.barriers)
    assert (beside(replace(arrays, barriers=cut_off), arrays.present) or {})["grids"] == 4


def test_where_there_is_nothing_to_divide_there_is_no_yardstick() -> None:
    arrays = rows_of_houses()
    assert beside(arrays, arrays.community) is None


@needs_metis
@pytest.mark.parametrize("program", ["raise SystemExit(3)", "import os; os.abort()", "print('no array')", ""])
def test_a_crash_of_it_is_no_crash_of_ours(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(general_program, "PROGRAM", program)
    assert beside(rows_of_houses(), rows_of_houses().present) is None


@needs_metis
def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_program, "PROGRAM", "import sys; sys.stdout.close(); input(); input()")
    monkeypatch.setattr(general_program, "LONGEST_S", 0.5)
    assert beside(rows_of_houses(), rows_of_houses().present) is None


@needs_metis
@pytest.mark.django_db
def test_it_stands_beside_the_draft_until_the_ground_is_another(client: Client) -> None:
    town = street()
    draft = draft_of(town)
    figures = head_of(draft).figures
    assert metis_figures(draft)["grids"] == figures["grids"]
    client.force_login(town.users["county"])
    page = client.get(reverse("planning:draft", args=[draft.pk])).content.decode()
    assert "METIS" in page
    changes = client.get(reverse("planning:draft-changes", args=[draft.pk])).content.decode()
    assert "METIS" in changes
    other = draft_of(town)
    beside_another = client.get(reverse("planning:compare-drafts", args=[draft.pk, other.pk])).content.decode()
    assert f"METIS（{figures['grids']} 格）" in beside_another
    told = CliRunner().invoke(
        app, ["plan", "compare", str(draft.pk), str(draft.pk), "--as", town.users["county"].username]
    )
    assert told.exit_code == 0, told.output
    assert "METIS" in told.output

    arrays = plans.ground_of(head_of(draft).snapshot_id).arrays
    fuller = replace(arrays, households=arrays.households + 1)
    editing.refresh_ground(actor=None, draft=draft, arrays=fuller, now=NOW)
    assert metis_figures(again(draft)) == {}
    assert "METIS" not in client.get(reverse("planning:draft", args=[draft.pk])).content.decode()
