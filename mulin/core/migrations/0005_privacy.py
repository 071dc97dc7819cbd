"""Runs of the retention job; remembered answers become ciphertext."""

import django.db.models.deletion
from django.db import migrations, models

from mulin.core.encryption import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("core", "0004_revealing_and_exports")]

    operations = [
        # Answers are only remembered for a request that is sent again at once: nothing is lost with the old ones.
        migrations.RunPython(
            lambda apps, editor: apps.get_model("core", "IdempotencyKey").objects.all().delete(),
            migrations.RunPython.noop,
        ),
        migrations.RemoveField("idempotencykey", "answer"),
        migrations.AddField("idempotencykey", "answer", EncryptedTextField(default="")),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RetentionLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30)),
                ("action", models.CharField(max_length=10)),
                ("days", models.PositiveIntegerField()),
                ("source", models.CharField(blank=True, max_length=300)),
                ("before", models.DateTimeField()),
                ("rows", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="core.retentionrun"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("run", "code"), name="core_retention_line_once")]},
        ),
    ]
