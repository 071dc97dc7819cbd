import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people_come_in_safely"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignOnLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_hash", models.CharField(max_length=64, unique=True)),
                ("linked_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_on_link",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="phonecode",
            name="purpose",
            field=models.CharField(
                choices=[("SIGN_IN", "SIGN_IN"), ("VERIFY_PHONE", "VERIFY_PHONE"), ("REPORTER", "REPORTER")],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None), ("role__in", ["audit_admin", "security_admin", "system_admin"])),
                fields=("user",),
                name="accounts_one_administrator",
            ),
        ),
    ]
