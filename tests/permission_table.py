"""Who may open which address. An address without a row fails test_architecture; test_permissions walks the rows.

A row says PUBLIC (no sign-in), SIGNED_IN (any account), or the permission asked for.
"""

PUBLIC = "public"
SIGNED_IN = "signed-in"

PERMISSION_TABLE: dict[str, str] = {
    "web:set-language": PUBLIC,
    "web:set-elder": PUBLIC,
    "web:manifest": PUBLIC,
    "web:service-worker": PUBLIC,
    "web:offline": PUBLIC,
    "web:styleguide": PUBLIC,  # 404 unless DEBUG
    "places:layer": PUBLIC,
    "places:find": PUBLIC,
}
