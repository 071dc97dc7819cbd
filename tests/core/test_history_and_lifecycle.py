"""A chain tells what was changed, removed or inserted; a lifecycle refuses what its table does not have."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulin.core.history import FIRST, Link, chain_hash, first_fault
from mulin.core.lifecycle import IllegalMove
from mulin.domains.cases.states import LIFECYCLE, OPEN, SETTLED, Status


def chain(notes: list[str]) -> list[Link]:
    links, previous = [], FIRST
    for number, note in enumerate(notes, 1):
        content = {"sequence": number, "note": note}
        digest = chain_hash(previous, content)
        links.append(Link(number, previous, digest, content))
        previous = digest
    return links


notes = st.lists(st.text(max_size=20), min_size=2, max_size=8)


@given(notes)
def test_a_chain_left_alone_is_whole(written):
    assert first_fault(chain(written)) is None


@given(notes, st.data())
def test_a_changed_row_is_found(written, data):
    links = chain(written)
    at = data.draw(st.integers(0, len(links) - 1))
    links[at] = replace(links[at], content={**links[at].content, "note": written[at] + "x"})
    assert first_fault(links) == f"changed {at + 1}"


@given(notes, st.data())
def test_a_removed_row_is_found(written, data):
    links = chain(written)
    at = data.draw(st.integers(0, len(links) - 2))
    del links[at]
    assert first_fault(links) == f"missing {at + 1}"


@given(notes, st.data())
def test_an_inserted_row_is_found(written, data):
    links = chain(written)
    at = data.draw(st.integers(1, len(links) - 1))
    forged = chain_hash(links[at - 1].hash, {"sequence": at + 1, "note": "forged"})
    links.insert(at, Link(at + 1, links[at - 1].hash, forged, {"sequence": at + 1, "note": "forged"}))
    assert first_fault(links) is not None


def test_an_illegal_move_says_where_it_stands_and_what_can_be_done():
    with pytest.raises(IllegalMove) as refused:
        LIFECYCLE.step(Status.DISPATCHED, "resolve")
    assert "已派单" in str(refused.value)
    assert "接单" in str(refused.value.remedy)


def test_an_unknown_move_is_refused():
    with pytest.raises(IllegalMove):
        LIFECYCLE.move("explode")


def test_closed_for_good_is_only_what_was_refused_withdrawn_or_merged():
    ends = {state for state in Status.values if not LIFECYCLE.from_(state)}
    assert ends == {Status.REJECTED, Status.WITHDRAWN, Status.MERGED}
    assert all("reopen" in {m.name for m in LIFECYCLE.from_(state)} for state in SETTLED)
    assert all(LIFECYCLE.from_(state) for state in OPEN)
