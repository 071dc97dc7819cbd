"""The register of the commands: each lives in a module of its own."""

import typer
from django.utils.translation import gettext as _

from mulin.commands import (
    administrators,
    audit,
    backup,
    burden,
    calendar,
    checking,
    coverage,
    demo,
    exporting,
    importing,
    kernels,
    keys,
    lifecycle,
    plan,
    privacy,
    rates,
    retention,
    run,
    sbom,
    serve,
    tasks,
    users,
)

app = typer.Typer(
    name="mulin", no_args_is_help=True, pretty_exceptions_show_locals=False, help=_("睦邻：基层治理一张网。")
)
app.command("run")(run.run)
app.command("web")(serve.web)
app.command("worker")(serve.worker)
app.command("demo")(demo.demo)
app.command("check")(checking.check)
app.command("coverage")(coverage.coverage)
app.command("lifecycle")(lifecycle.lifecycle)
app.command("administrators")(administrators.administrators)
app.add_typer(calendar.app, name="calendar")
app.add_typer(importing.app, name="import")
app.add_typer(plan.app, name="plan")
app.add_typer(exporting.app, name="export")
app.add_typer(audit.app, name="audit")
app.add_typer(backup.app, name="backup")
app.add_typer(burden.app, name="burden")
app.add_typer(keys.app, name="keys")
app.add_typer(kernels.app, name="kernels")
app.add_typer(retention.app, name="retention")
app.add_typer(privacy.app, name="privacy")
app.add_typer(tasks.app, name="tasks")
app.command("sbom")(sbom.sbom)
app.command("rates")(rates.rates)
app.add_typer(users.app, name="user")

if __name__ == "__main__":
    app(prog_name="mulin")
