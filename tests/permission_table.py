"""Who may open which address. An address without a row fails test_architecture; test_permissions walks the rows.

A row says PUBLIC (no sign-in), SIGNED_IN (any account), or the permission asked for.
"""

PUBLIC = "public"
SIGNED_IN = "signed-in"

PERMISSION_TABLE: dict[str, str] = {
    "home": PUBLIC,
    "accounts:sign-in": PUBLIC,
    "accounts:sign-out": PUBLIC,
    "accounts:notices": SIGNED_IN,
    "accounts:notice-count": SIGNED_IN,
    "accounts:read-all-notices": SIGNED_IN,
    "accounts:open-notice": SIGNED_IN,
    "accounts:tokens": SIGNED_IN,
    "accounts:revoke-token": SIGNED_IN,
    "accounts:worker": "accounts.see_worker",
    "accounts:revive-message": "accounts.manage_worker",
    "web:set-language": PUBLIC,
    "web:set-elder": PUBLIC,
    "web:manifest": PUBLIC,
    "web:service-worker": PUBLIC,
    "web:offline": PUBLIC,
    "web:styleguide": PUBLIC,  # 404 unless DEBUG
    "places:layer": PUBLIC,
    "places:find": PUBLIC,
}
