"""Who may open which address. An address without a row fails test_architecture; test_permissions walks the rows.

A row says PUBLIC (no sign-in), SIGNED_IN (any account), or the permission asked for.
"""

PUBLIC = "public"
SIGNED_IN = "signed-in"

PERMISSION_TABLE: dict[str, str] = {
    "places:layer": PUBLIC,
    "places:find": PUBLIC,
}
