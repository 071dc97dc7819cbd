from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("duty", "0004_reasons_of_absence_are_encrypted"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="postkind",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["audit_admin", "security_admin", "system_admin"]), _negated=True),
                name="duty_post_is_no_administration",
            ),
        ),
    ]
