from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_burden_exceptions"),
    ]

    operations = [
        migrations.AddField(
            model_name="reporter",
            name="phone_confirmed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
