"""Rooms become ciphertext, found again by a keyed hash."""

from django.db import migrations, models

from mulin.core.encryption import EncryptedTextField, LookupHashField, keyed_hash
from mulin.core.encryption.migrating import encrypt_columns
from mulin.domains.places.rules import door


class _Doors:
    """Two rooms behind an entrance that were only told apart by capital letters both stay."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, str]] = set()

    def __call__(self, dwelling: object) -> dict[str, str]:
        text = door(dwelling.building_id, dwelling.plain_room)
        if (dwelling.entrance_id, text) in self._seen:
            text = f"{text}:{dwelling.pk}"
        self._seen.add((dwelling.entrance_id, text))
        return {"room_hash": keyed_hash(text)}


class Migration(migrations.Migration):
    dependencies = [("places", "0002_base_feature")]

    operations = [
        migrations.RemoveConstraint("dwelling", "places_dwelling_once"),
        migrations.AddField("dwelling", "room_hash", LookupHashField(blank=True, default="", max_length=64, of="door")),
        *encrypt_columns("places", "dwelling", {"room": EncryptedTextField(default="")}, finish=_Doors()),
        migrations.AlterField("dwelling", "room", EncryptedTextField()),
        migrations.AlterField("dwelling", "room_hash", LookupHashField(blank=True, max_length=64, of="door")),
        migrations.AddConstraint(
            "dwelling", models.UniqueConstraint(fields=["entrance", "room_hash"], name="places_dwelling_once")
        ),
    ]
