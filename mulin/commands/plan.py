"""`mulin plan`: the register of what is planned from the terminal."""

import typer
from django.utils.translation import gettext as _

from mulin.commands import plan_circle, plan_drafts, plan_merge, plan_staff

app = typer.Typer(no_args_is_help=True, help=_("规划：网格、人员、并网。 Plan grids, staff, and merge nets."))


@app.callback()
def group() -> None:
    """Keeps each part of planning a command of its own."""


app.command("draft")(plan_drafts.draft)
app.command("compare")(plan_drafts.compare)
app.command("publish")(plan_drafts.publish)
app.command("staff")(plan_staff.staff)
app.command("merge")(plan_merge.merge)
app.command("circle")(plan_circle.circle)
