"""`python -m django compute_draft ID LEASE`: what the worker starts; nobody types it."""

import os
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand

from mulin.domains.planning.computing import compute

BEHIND_THE_PAGES = 5


class Command(BaseCommand):
    help = "Compute a claimed draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("draft_id", type=int)
        parser.add_argument("lease")

    def handle(self, *_args: Any, **options: Any) -> None:
        with suppress(OSError):
            os.nice(BEHIND_THE_PAGES)
        compute(options["draft_id"], options["lease"])
