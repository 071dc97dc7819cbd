"""Run inside the database of a benchmark: print a door code and a token of the district desk as JSON."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.utils import timezone

    from mulin.domains.accounts import queries, services
    from mulin.domains.places.models import Building

    desk = queries.user_by_username("county")
    assert desk is not None, "the demo town has a district desk"
    token = services.issue_token(actor=desk, user=desk, now=timezone.now(), application="benchmark")
    code = Building.objects.order_by("pk").values_list("board_code", flat=True).first()
    json.dump({"board_code": code, "token": token}, sys.stdout)
