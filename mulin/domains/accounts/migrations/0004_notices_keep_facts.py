from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_city_sign_on_and_one_administrator"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="notice",
            name="subject",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
