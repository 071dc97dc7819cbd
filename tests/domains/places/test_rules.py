import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.domains.places.rules import (
    GridCodeFormat,
    GridCodeInvalid,
    GroupSize,
    GroupSizeInvalid,
    check_grid_code,
    grid_code,
    reading_order,
)

COMMUNITY = "520303001001"
points = st.tuples(st.floats(106, 107), st.floats(27, 28))


@given(st.integers(1, 999))
def test_a_grid_code_is_the_community_and_a_number(sequence):
    code = grid_code(COMMUNITY, sequence)
    assert (code[:12], int(code[12:]), len(code)) == (COMMUNITY, sequence, 15)
    check_grid_code(code, COMMUNITY)


@pytest.mark.parametrize(
    "code",
    ["", "52030300100100", "5203030010010011", "52030300100100A", "520303001002001", COMMUNITY + "000", "５" * 15],
)
def test_a_wrong_grid_code_is_refused_with_what_to_do(code):
    with pytest.raises(GridCodeInvalid) as refusal:
        check_grid_code(code, COMMUNITY)
    assert refusal.value.status == 400
    assert str(refusal.value.remedy)


def test_a_community_has_room_for_999_grids():
    with pytest.raises(GridCodeInvalid):
        grid_code(COMMUNITY, 1000)


def test_a_region_with_longer_numbers():
    layout = GridCodeFormat(sequence=4)
    assert grid_code(COMMUNITY, 1000, layout) == COMMUNITY + "1000"
    with pytest.raises(GridCodeInvalid):
        check_grid_code(COMMUNITY + "001", COMMUNITY, layout)


def test_grids_are_numbered_row_by_row_from_the_north_west():
    #   0 1
    #  2 3 4     the rows are not quite straight
    centres = [(106.91, 27.731), (106.92, 27.729), (106.90, 27.721), (106.91, 27.719), (106.92, 27.72)]
    shuffled = [3, 0, 4, 2, 1]
    order = reading_order([centres[i] for i in shuffled], row_height=0.01)
    assert [shuffled[i] for i in order] == [0, 1, 2, 3, 4]


@given(st.lists(points, max_size=40, unique=True), st.sampled_from([None, 0.001, 0.05]), st.randoms())
def test_the_order_is_of_all_and_does_not_depend_on_how_they_came(centres, height, random):
    order = reading_order(centres, height)
    assert sorted(order) == list(range(len(centres)))
    mixed = random.sample(centres, len(centres))
    assert [mixed[i] for i in reading_order(mixed, height)] == [centres[i] for i in order]


@given(st.integers(1, 2000), st.integers(1, 20), st.integers(0, 20))
def test_neighbours_are_split_into_the_fewest_even_groups(households, least, more):
    size = GroupSize(least, least + more)
    groups = size.split(households)
    assert sum(groups) == households
    assert max(groups) <= size.most
    assert max(groups) - min(groups) <= 1
    assert (len(groups) - 1) * size.most < households


def test_groups_of_ten_to_fifteen():
    size = GroupSize()
    assert (size.split(0), size.split(12), size.split(24), size.split(40)) == ([], [12], [12, 12], [14, 13, 13])
    size.check(10)
    size.check(15)
    for households in (0, 9, 16):
        with pytest.raises(GroupSizeInvalid) as refusal:
            size.check(households)
        assert "10" in str(refusal.value.remedy)
        assert "15" in str(refusal.value.remedy)
