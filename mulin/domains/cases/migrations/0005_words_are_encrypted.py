"""What people say becomes ciphertext; lists and the search keep a copy without numbers that say who or where."""

from django.db import migrations, models

from mulin.core.encryption import EncryptedTextField, LookupHashField
from mulin.core.encryption.migrating import encrypt_columns
from mulin.domains.cases.redaction import search_text


def _searchable(case: object) -> dict[str, str]:
    return {"search_text": search_text(case.plain_text, case.plain_address_text)}


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_care")]

    operations = [
        migrations.AddField("case", "search_text", models.TextField(blank=True, default="")),
        *encrypt_columns(
            "cases",
            "case",
            {name: EncryptedTextField(default="") for name in ("text", "address_text", "result_text")},
            finish=_searchable,
        ),
        migrations.AlterField("case", "text", EncryptedTextField()),
        migrations.AlterField("case", "search_text", models.TextField(blank=True)),
        migrations.AddField("case", "erased_at", models.DateTimeField(null=True)),
        *encrypt_columns("cases", "step", {n: EncryptedTextField(default="") for n in ("note", "public_note")}),
        migrations.AddField("step", "words_salt", EncryptedTextField(default="")),
        migrations.AddField("step", "words_digest", models.CharField(blank=True, default="", max_length=64)),
        migrations.AlterField("step", "words_digest", models.CharField(blank=True, max_length=64)),
        *encrypt_columns("cases", "whistle", {n: EncryptedTextField(default="") for n in ("ask", "answer")}),
        migrations.AlterField("whistle", "ask", EncryptedTextField()),
        *encrypt_columns("cases", "rating", {"note": EncryptedTextField(default="")}),
        migrations.AlterField("reporter", "phone_hash", LookupHashField(blank=True, max_length=64, of="phone_key")),
    ]
