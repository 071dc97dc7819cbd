from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_notices_keep_facts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="grant",
            name="accounts_grant_once",
        ),
        migrations.AddField(
            model_name="grant",
            name="organisation_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="place_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="scope",
            field=models.CharField(
                choices=[("INSTALLATION", "整个系统"), ("PLACE", "一个地方"), ("ORGANISATION", "一个单位")],
                default="INSTALLATION",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None), ("scope", "INSTALLATION")),
                fields=("user", "role"),
                name="accounts_grant_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None)),
                fields=("user", "role", "place_id"),
                name="accounts_grant_once_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None)),
                fields=("user", "role", "organisation_id"),
                name="accounts_grant_once_an_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation_id", None), ("place_id", None), ("scope", "INSTALLATION")),
                    models.Q(("organisation_id", None), ("place_id__isnull", False), ("scope", "PLACE")),
                    models.Q(("organisation_id__isnull", False), ("place_id", None), ("scope", "ORGANISATION")),
                    _connector="OR",
                ),
                name="accounts_grant_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role__in", ["audit_admin", "security_admin", "system_admin"]), _negated=True),
                    ("scope", "INSTALLATION"),
                    _connector="OR",
                ),
                name="accounts_administrator_of_all",
            ),
        ),
    ]
