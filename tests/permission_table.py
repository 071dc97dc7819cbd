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
    "duty:households": "duty.manage",
    "duty:organisation-posts": "duty.manage",
    "duty:appoint": "duty.manage",
    "duty:appoint-organisation": "duty.manage",
    "duty:end-tenure": "duty.manage",
    "duty:begin-absence": "duty.manage",
    "duty:end-absence": "duty.manage",
    "cases:report": PUBLIC,
    "cases:suggest": PUBLIC,
    "cases:report-place": PUBLIC,
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
    "cases:queue": "cases.desk",
    "cases:bulk-dispatch": "cases.desk",
    "cases:bulk-choices": "cases.desk",
    "cases:save-view": "cases.desk",
    "cases:remove-view": "cases.desk",
    "cases:export": "cases.export",
    "cases:reveal-reporters": "cases.desk",
    "cases:map": "cases.desk",
    "cases:map-data": "cases.desk",
    "cases:map-list": "cases.desk",
    "cases:rates": "cases.see_rates",
    "cases:rates-csv": "cases.see_rates",
    "cases:emergency": "cases.see_emergency",
    "cases:begin-emergency": "cases.switch_emergency",
    "cases:end-emergency": "cases.switch_emergency",
    "api:api-root": PUBLIC,  # 404
    "api:openapi-json": PUBLIC,
    "api-reference": PUBLIC,
    "api:categories": PUBLIC,
    "api:suggest": PUBLIC,
    "api:report": PUBLIC,
    "api:report_with_photos": PUBLIC,
    "api:follow": PUBLIC,  # by code
    "api:rate": PUBLIC,  # by code
    "api:reopen": PUBLIC,  # by code
    "api:withdraw": PUBLIC,  # by code
    "api:areas": PUBLIC,
    "api:locate_point": PUBLIC,
    "api:locate_board": PUBLIC,
    "api:locate_address": PUBLIC,
    "api:layers": PUBLIC,
    "api:me": SIGNED_IN,
    "api:notices": SIGNED_IN,
    "api:read_notices": SIGNED_IN,
    "api:organisations": SIGNED_IN,
    "api:reasons": SIGNED_IN,
    "api:cases": SIGNED_IN,  # those they may see
    "api:counts": SIGNED_IN,
    "api:case": SIGNED_IN,  # 404 for cases hidden from them
    "api:moves": SIGNED_IN,
    "api:make_move": SIGNED_IN,  # the permission of the move
    "api:resolve": SIGNED_IN,  # the permission of the move
    "api:answer_whistle": SIGNED_IN,  # the permission of the move
    "api:coverage_counts": "duty.see_coverage",
    "api:rate_table": "cases.see_rates",
    "api:running_emergencies": "cases.see_emergency",
    "api:begin_emergency": "cases.switch_emergency",
    "api:end_emergency": "cases.switch_emergency",
}
