"""The process the worker starts for an import of ground truth."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mulin.domains.planning.ground_importing import carry_on


class Command(BaseCommand):
    help = "Read, check or let in one file of ground truth."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        carry_on(options["job_id"])
