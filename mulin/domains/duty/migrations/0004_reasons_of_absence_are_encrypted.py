"""Why somebody is away may be their health."""

from django.db import migrations

from mulin.core.encryption import EncryptedTextField
from mulin.core.encryption.migrating import encrypt_columns


class Migration(migrations.Migration):
    dependencies = [("duty", "0003_tenure_indexes")]

    operations = encrypt_columns("duty", "absence", {"reason": EncryptedTextField(default="")})
