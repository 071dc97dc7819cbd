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
    "accounts:notice-count": PUBLIC,
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
    "duty:board": PUBLIC,
    "duty:board-pdf": PUBLIC,
    "duty:boards-pdf": "duty.manage",
    "duty:coverage": "duty.see_coverage",
    "duty:place-posts": "duty.manage",
    "duty:organisation-posts": "duty.manage",
    "duty:appoint": "duty.manage",
    "duty:appoint-organisation": "duty.manage",
    "duty:end-tenure": "duty.manage",
    "duty:begin-absence": "duty.manage",
    "duty:end-absence": "duty.manage",
    "cases:report": PUBLIC,
    "cases:suggest": PUBLIC,
    "cases:report-place": PUBLIC,
    "cases:report-map": PUBLIC,
    "cases:join": PUBLIC,
    "cases:receipt": PUBLIC,  # by code
    "cases:follow-by-code": PUBLIC,
    "cases:follow": PUBLIC,  # by code
    "cases:rate": PUBLIC,  # by code
    "cases:reopen": PUBLIC,  # by code
    "cases:withdraw": PUBLIC,  # by code
    "cases:photo": PUBLIC,  # by code, or who may see the case
    "cases:today": "cases.hold",
    "cases:detail": SIGNED_IN,  # 404 for cases hidden from them
    "cases:move": SIGNED_IN,  # the permission of the move
    "cases:whistles": "cases.answer_whistle",
    "cases:answer-whistle": "cases.answer_whistle",
}
