"""The rates the product counts in the database agree with pandas over the steps of random histories."""

import json
import random
from contextlib import suppress
from dataclasses import asdict
from datetime import date, timedelta
from itertools import product

import pandas as pd
import pytest
from django.db import connection

from mulin.commands.seed import seed_reference
from mulin.core.errors import Refused
from mulin.domains.cases import services
from mulin.domains.cases.models import Satisfied, Solved
from mulin.domains.cases.queries import rates
from mulin.domains.places import queries as places
from tests.factories import NOW, make_town
from tests.support import rates_by_pandas

CATEGORIES = ("0101", "0102", "0601", "0503")


@pytest.fixture
def towns(db):
    seed_reference(now=NOW)
    return [make_town(), make_town(community_code="520303002001")]


def live(case, chance):
    """Let a case go some way through its life, with pauses between its steps."""
    at = NOW
    for _ in range(chance.randrange(1, 14)):
        at += timedelta(minutes=chance.randrange(1, 6_000))
        case.refresh_from_db()
        with suppress(Refused):
            take_one(case, chance, at)


def take_one(case, chance, at):
    move = chance.choice(["rate", "reopen", "withdraw", *["accept", "contact", "resolve"] * 3])
    if move == "rate":
        said = {"solved": chance.choice(Solved.values), "satisfied": chance.choice(Satisfied.values)}
        services.rate(actor=None, case=case, responded=chance.random() < 0.8, now=at, **said)
    elif move == "reopen":
        services.reopen(actor=None, case=case, reason="没解决", now=at)
    elif move == "withdraw":
        services.withdraw(actor=None, case=case, now=at)
    elif case.holder_tenure is not None:
        hold(case, move, at)


def hold(case, move, at):
    holder = case.holder_tenure.holder
    if move == "accept":
        services.accept(actor=holder, case=case, now=at)
    elif move == "contact":
        services.contact(actor=holder, case=case, note="", now=at)
    else:
        services.resolve(actor=holder, case=case, result="已办", now=at)


def read(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=names)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_ways_agree_for_district_street_and_community(towns, seed):
    chance = random.Random(seed)
    for _ in range(40):
        town = chance.choice(towns)
        report = services.Report("事项", chance.choice(CATEGORIES), places.locate_board(town.board_code()))
        live(services.report_case(actor=None, report=report, now=NOW), chance)
    cases, steps = read(rates_by_pandas.CASES), read(rates_by_pandas.STEPS)
    steps["data"] = [json.loads(data) if isinstance(data, str) else data for data in steps.data]
    for code, days in product(("520303001001", "520303001000", "520303000000"), (1, 5, 60)):
        first, last = date(2026, 3, 4), date(2026, 3, 4) + timedelta(days=days)
        ours = rates_by_pandas.figures(cases, steps, area=code, first=str(first), last=str(last))
        theirs = counted(towns[0].users["county"], code, rates.Period(first, last))
        assert rates_by_pandas.differences(ours, theirs) == []
    assert ours[code]["solved"]["whole"] > 0


def counted(user, code, period):
    definitions = rates.definitions(code, period)
    found = rates.tallies(user, code, period, now=NOW, excluded=definitions.excluded)
    by_area = {code: rates.summed(found, lambda key: "").get("", rates.Tally())}
    by_area |= rates.summed(found, lambda key: key[0].ljust(12, "0"))
    shown = {key: asdict(tally.rates(definitions.by_code)) for key, tally in by_area.items()}
    return {
        key: one for key, one in shown.items()
        if key == code or one["responded"]["whole"] or one["rated"]["whole"] or one["contacted"]
    }  # fmt: skip
