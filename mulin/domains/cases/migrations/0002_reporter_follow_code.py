from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="reporter",
            name="follow_code",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddConstraint(
            model_name="reporter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("follow_code", ""), _negated=True),
                fields=("follow_code",),
                name="cases_reporter_follow_code",
            ),
        ),
    ]
