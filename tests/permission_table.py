"""Who may open which address. An address without a row fails test_architecture; test_permissions walks the rows.

A row says PUBLIC (no sign-in), SIGNED_IN (any account), or the permission asked for. Below stand the methods.
"""

PUBLIC = "public"
SIGNED_IN = "signed-in"

PERMISSION_TABLE: dict[str, str] = {
    "home": PUBLIC,
    "accounts:sign-in": PUBLIC,
    "accounts:second-step": PUBLIC,  # 403 for who has not done the first
    "accounts:set-up-second-step": PUBLIC,  # 403 for who has not done the first
    "accounts:first-password": PUBLIC,  # 403 for who has not done the first
    "accounts:ask-passkey": PUBLIC,
    "accounts:sign-in-by-passkey": PUBLIC,
    "accounts:ask-phone-code": PUBLIC,  # 404 unless switched on
    "accounts:enter-phone-code": PUBLIC,  # 403 for who has not asked for one
    "accounts:verify-phone": SIGNED_IN,
    "accounts:city-sign-on": PUBLIC,  # 404 unless switched on
    "accounts:back-from-city": PUBLIC,  # 403 for who has not left for it
    "accounts:sign-out": PUBLIC,
    "accounts:security": SIGNED_IN,
    "accounts:own-data": SIGNED_IN,  # one's own
    "accounts:download-own-data": SIGNED_IN,  # one's own
    "accounts:password": SIGNED_IN,
    "accounts:end-other-sessions": SIGNED_IN,
    "accounts:end-session": SIGNED_IN,  # one's own
    "accounts:authenticator": SIGNED_IN,
    "accounts:remove-authenticator": SIGNED_IN,
    "accounts:recovery-codes": SIGNED_IN,
    "accounts:ask-new-passkey": SIGNED_IN,
    "accounts:add-passkey": SIGNED_IN,
    "accounts:remove-passkey": SIGNED_IN,  # one's own
    "accounts:people": "accounts.manage_users",
    "accounts:add-person": "accounts.manage_users",
    "accounts:person": "accounts.manage_users",
    "accounts:lock-person": "accounts.manage_users",
    "accounts:unlock-person": "accounts.manage_users",
    "accounts:reset-second-factor": "accounts.manage_users",
    "accounts:end-sessions": "accounts.manage_users",
    "accounts:give-password": "accounts.manage_users",
    "accounts:unlink-sign-on": "accounts.manage_users",
    "accounts:give-role": "accounts.manage_users",
    "accounts:take-role": "accounts.manage_users",
    "accounts:entries": "accounts.audit",
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
    "web:reveal": SIGNED_IN,  # who may see the object and the field
    "web:ask-to-reveal": SIGNED_IN,  # the same
    "web:approvals": SIGNED_IN,  # one's own, and those one may decide
    "web:decide-reveal": SIGNED_IN,  # who may approve and is not the asker
    "web:exports": SIGNED_IN,  # one's own
    "web:export-file": SIGNED_IN,  # one's own
    "web:audit": "accounts.audit",
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
    "planning:building-groups": "duty.manage",
    "planning:area-groups": "duty.manage",
    "planning:micro-grids": "planning.draft",
    "planning:nets": "planning.see",
    "planning:nets-add": "planning.draft",
    "planning:nets-merge": "planning.draft",
    "planning:crosswalk": "planning.see",
    "planning:staffing": "planning.see",  # a new one: planning.draft
    "planning:staffing-draft": "planning.see",
    "planning:staffing-rules": "planning.draft",
    "planning:staffing-add": "planning.draft",
    "planning:staffing-change": "planning.draft",
    "planning:staffing-present": "planning.draft",
    "planning:staffing-publish": "planning.publish",
    "planning:staffing-discard": "planning.draft",
    "planning:drafts": "planning.see",
    "planning:ask-draft": "planning.draft",
    "planning:draft": "planning.see",
    "planning:draft-ground": "planning.see",
    "planning:draft-plan": "planning.see",
    "planning:draft-geojson": "planning.see",
    "planning:draft-move": "planning.draft",
    "planning:draft-undo": "planning.draft",
    "planning:draft-redo": "planning.draft",
    "planning:draft-lock": "planning.draft",
    "planning:draft-comment": "planning.see",
    "planning:draft-stop": "planning.draft",
    "planning:draft-improve": "planning.draft",
    "planning:draft-refresh": "planning.draft",
    "planning:draft-discard": "planning.draft",
    "planning:compare-drafts": "planning.see",
    "planning:draft-changes": "planning.see",
    "planning:publish-draft": "planning.publish",
    "planning:recall-draft": "planning.publish",
    "planning:publication": "planning.see",
    "planning:household-changes": "planning.see",
    "planning:notices-pdf": "planning.see",
    "planning:grid-map": "planning.see",
    "planning:grid-map-svg": "planning.see",
    "planning:grid-map-pdf": "planning.see",
    "cases:report": PUBLIC,
    "cases:suggest": PUBLIC,
    "cases:report-place": PUBLIC,
    "cases:join": PUBLIC,
    "cases:receipt": PUBLIC,  # by code
    "cases:follow-by-code": PUBLIC,
    "cases:own-data": PUBLIC,  # by code
    "cases:correct-own-data": PUBLIC,  # by code and proof
    "cases:withdraw-own-data": PUBLIC,  # by code and proof
    "cases:delete-own-data": PUBLIC,  # by code and proof
    "cases:download-own-data": PUBLIC,  # by code and proof
    "cases:follow": PUBLIC,  # by code
    "cases:rate": PUBLIC,  # by code
    "cases:reopen": PUBLIC,  # by code
    "cases:withdraw": PUBLIC,  # by code
    "cases:confirm-phone": PUBLIC,  # by code
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
    "cases:protect": SIGNED_IN,  # the holder, or cases.desk
    "cases:map": "cases.desk",
    "cases:map-data": "cases.desk",
    "cases:map-list": "cases.desk",
    "cases:rates": "cases.see_rates",
    "cases:rates-csv": "cases.see_rates",
    "cases:emergency": "cases.see_emergency",
    "cases:begin-emergency": "cases.switch_emergency",
    "cases:allow-burden": "cases.switch_emergency",
    "cases:end-emergency": "cases.switch_emergency",
    "planning:circle": "planning.see",
    "planning:circle-reach": "planning.see",
    "planning:circle-what-if": "planning.see",
    "planning:ground": "planning.see",
    "planning:ground-new": "planning.import",
    "planning:ground-import": "planning.see",
    "planning:ground-layer": "planning.import",
    "planning:ground-check": "planning.import",
    "planning:ground-let-in": "planning.import",
    "planning:ground-abandon": "planning.import",
    "planning:ground-findings-map": "planning.see",
    "planning:ground-findings-file": "planning.see",
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
    "api:own_data": PUBLIC,  # by code
    "api:copy_own_data": PUBLIC,  # by code and proof
    "api:correct_own_data": PUBLIC,  # by code and proof
    "api:withdraw_own_data": PUBLIC,  # by code and proof
    "api:delete_own_data": PUBLIC,  # by code and proof
    "api:ask_phone_code": PUBLIC,  # by code
    "api:confirm_phone": PUBLIC,  # by code
    "api:areas": PUBLIC,
    "api:locate_point": PUBLIC,
    "api:locate_board": PUBLIC,
    "api:locate_address": PUBLIC,
    "api:layers": PUBLIC,
    "api:similar_reports": PUBLIC,
    "api:join": PUBLIC,
    "api:photo": PUBLIC,  # by code, or who may see the case
    "api:board": PUBLIC,
    "api:board_pdf": PUBLIC,
    "api:me": SIGNED_IN,
    "api:notices": SIGNED_IN,
    "api:read_notices": SIGNED_IN,
    "api:read_notice": SIGNED_IN,  # one's own
    "api:tokens": SIGNED_IN,
    "api:issue_token": SIGNED_IN,  # not by a token
    "api:revoke_token": SIGNED_IN,  # one's own
    "api:about_me": SIGNED_IN,  # one's own
    "api:copy_about_me": SIGNED_IN,  # one's own
    "api:my_security": SIGNED_IN,  # one's own
    "api:end_other_sessions": SIGNED_IN,
    "api:end_session": SIGNED_IN,  # one's own
    "api:accounts": "accounts.manage_users",
    "api:add_account": "accounts.manage_users",  # not by a token
    "api:account": "accounts.manage_users",
    "api:lock_account": "accounts.manage_users",
    "api:unlock_account": "accounts.manage_users",
    "api:end_account_sessions": "accounts.manage_users",
    "api:reset_second_factor": "accounts.manage_users",  # not by a token
    "api:unlink_sign_on": "accounts.manage_users",
    "api:give_first_password": "accounts.manage_users",  # not by a token
    "api:roles": "accounts.manage_users",
    "api:give_role": "accounts.manage_users",  # not by a token
    "api:take_role": "accounts.manage_users",
    "api:entries": "accounts.audit",
    "api:worker": "accounts.see_worker",
    "api:revive_message": "accounts.manage_worker",
    "api:organisations": SIGNED_IN,
    "api:crosswalk": SIGNED_IN,  # codes of areas, nothing of persons
    "api:grid_drafts": "planning.see",
    "api:ask_grid_draft": "planning.draft",
    "api:grid_draft": "planning.see",
    "api:grid_draft_plan": "planning.see",
    "api:grid_draft_geojson": "planning.see",
    "api:grid_draft_ground": "planning.see",
    "api:draft_changes": "planning.see",
    "api:compare_drafts": "planning.see",
    "api:drafts_difference": "planning.see",
    "api:draft_comments": "planning.see",
    "api:comment_on_draft": "planning.see",
    "api:stop_draft": "planning.draft",
    "api:improve_draft": "planning.draft",
    "api:refresh_draft": "planning.draft",
    "api:discard_draft": "planning.draft",
    "api:move_buildings": "planning.draft",
    "api:undo_edit": "planning.draft",
    "api:redo_edit": "planning.draft",
    "api:lock_grid": "planning.draft",
    "api:last_look": "planning.publish",
    "api:publish_draft": "planning.publish",
    "api:recall_draft": "planning.publish",
    "api:publication": "planning.see",
    "api:publication_households": "planning.see",
    "api:publication_notices": "planning.see",
    "api:staffing_drafts": "planning.see",
    "api:make_staffing": "planning.draft",
    "api:staffing_draft": "planning.see",
    "api:staffing_geojson": "planning.see",
    "api:rough_places": "planning.see",
    "api:staffing_candidates": "planning.see",
    "api:change_staffing_rules": "planning.draft",
    "api:add_staffing_person": "planning.draft",
    "api:choose_staffing_grid": "planning.draft",
    "api:let_staffing_compute": "planning.draft",
    "api:ban_staffing_grid": "planning.draft",
    "api:set_staffing_near": "planning.draft",
    "api:remove_staffing_person": "planning.draft",
    "api:read_present_staff": "planning.draft",
    "api:publish_staffing": "planning.publish",
    "api:discard_staffing": "planning.draft",
    "api:ground_imports": "planning.see",
    "api:import_ground": "planning.import",
    "api:ground_import": "planning.see",
    "api:choose_ground_layer": "planning.import",
    "api:check_ground": "planning.import",
    "api:let_ground_in": "planning.import",
    "api:abandon_ground": "planning.import",
    "api:ground_findings_map": "planning.see",
    "api:ground_findings_file": "planning.see",
    "api:department_nets": "planning.see",
    "api:department_nets_geojson": "planning.see",
    "api:add_nets": "planning.draft",
    "api:merge_nets": "planning.draft",
    "api:net_departments": "planning.see",
    "api:life_circle": "planning.see",
    "api:life_circle_geojson": "planning.see",
    "api:life_circle_facilities": "planning.see",
    "api:life_circle_what_if": "planning.see",
    "api:grid_map": "planning.see",
    "api:grid_map_svg": "planning.see",
    "api:grid_map_pdf": "planning.see",
    "api:groups_proposed_for_building": "duty.manage",
    "api:groups_proposed_for_area": "duty.manage",
    "api:accept_groups_of_building": "duty.manage",
    "api:accept_groups_of_area": "duty.manage",
    "api:draw_micro_grids": "planning.draft",
    "api:duties": SIGNED_IN,
    "api:reasons": SIGNED_IN,
    "api:cases": SIGNED_IN,  # those they may see
    "api:counts": SIGNED_IN,
    "api:case": SIGNED_IN,  # 404 for cases hidden from them
    "api:moves": SIGNED_IN,
    "api:make_move": SIGNED_IN,  # the permission of the move
    "api:resolve": SIGNED_IN,  # the permission of the move
    "api:answer_whistle": SIGNED_IN,  # the permission of the move
    "api:case_holders": SIGNED_IN,  # 404 for cases hidden from them
    "api:deadlines": SIGNED_IN,
    "api:related": SIGNED_IN,
    "api:reveal_reporters": SIGNED_IN,  # the holder, or cases.desk
    "api:protection": SIGNED_IN,  # the holder, or cases.desk
    "api:protect": SIGNED_IN,  # the same
    "api:today": "cases.hold",
    "api:whistles": "cases.answer_whistle",
    "api:dispatch_choices": "cases.desk",
    "api:dispatch_many": "cases.desk",
    "api:saved": "cases.desk",
    "api:save_view": "cases.desk",
    "api:remove_view": "cases.desk",
    "api:cases_on_map": "cases.desk",
    "api:cases_in_frame": "cases.desk",
    "api:export_cases": "cases.export",
    "api:export_file": SIGNED_IN,  # one's own
    "api:coverage_counts": "duty.see_coverage",
    "api:coverage_parts": "duty.see_coverage",
    "api:coverage_gaps": "duty.see_coverage",
    "api:area_boards": "duty.manage",
    "api:area_boards_pdf": "duty.manage",
    "api:place_posts": "duty.manage",
    "api:organisation_posts": "duty.manage",
    "api:people": "duty.manage",
    "api:appoint": "duty.manage",
    "api:appoint_in_organisation": "duty.manage",
    "api:tenures": "duty.manage",
    "api:tenure": "duty.manage",
    "api:end_tenure": "duty.manage",
    "api:substitutes": "duty.manage",
    "api:absences": "duty.manage",
    "api:begin_absence": "duty.manage",
    "api:end_absence": "duty.manage",
    "api:contact_groups": "duty.manage",
    "api:form_contact_group": "duty.manage",
    "api:rate_table": "cases.see_rates",
    "api:rates_as_file": "cases.see_rates",
    "api:purpose_list": SIGNED_IN,
    "api:reveal": SIGNED_IN,  # who may see the object and the field
    "api:ask_to_reveal": SIGNED_IN,  # the same
    "api:approvals": SIGNED_IN,  # one's own, and those one may decide
    "api:decide_reveal": SIGNED_IN,  # who may approve and is not the asker
    "api:exports": SIGNED_IN,  # one's own
    "api:audit": "accounts.audit",
    "api:running_emergencies": "cases.see_emergency",
    "api:begin_emergency": "cases.switch_emergency",
    "api:end_emergency": "cases.switch_emergency",
    "api:burden_exceptions": "cases.see_emergency",
    "api:allow_burden": "cases.switch_emergency",
}

# Methods beside the permission: an address takes GET and nothing else unless it stands here.
ONLY_POST = {
    "cases:export", "api:export_cases", "cases:correct-own-data", "cases:withdraw-own-data",
    "cases:delete-own-data", "cases:download-own-data", "cases:confirm-phone",
    "accounts:ask-passkey", "accounts:sign-in-by-passkey", "accounts:sign-out", "accounts:end-other-sessions",
    "accounts:end-session", "accounts:remove-authenticator", "accounts:recovery-codes", "accounts:ask-new-passkey",
    "accounts:add-passkey", "accounts:remove-passkey", "accounts:lock-person", "accounts:unlock-person",
    "accounts:reset-second-factor", "accounts:end-sessions", "accounts:give-password", "accounts:unlink-sign-on",
    "accounts:give-role", "accounts:take-role", "accounts:read-all-notices", "accounts:open-notice",
    "accounts:revoke-token", "accounts:revive-message", "web:set-elder", "web:reveal", "web:ask-to-reveal",
    "web:decide-reveal", "duty:end-tenure", "duty:end-absence", "planning:micro-grids", "planning:nets-add",
    "planning:nets-merge", "planning:staffing-rules", "planning:staffing-add", "planning:staffing-change",
    "planning:staffing-present", "planning:staffing-publish", "planning:staffing-discard", "planning:ask-draft",
    "planning:draft-move", "planning:draft-undo", "planning:draft-redo", "planning:draft-lock",
    "planning:draft-comment", "planning:draft-stop", "planning:draft-improve", "planning:draft-refresh",
    "planning:draft-discard", "planning:recall-draft", "cases:suggest", "cases:join", "cases:rate", "cases:reopen",
    "cases:withdraw", "cases:move", "cases:answer-whistle", "cases:bulk-dispatch", "cases:save-view",
    "cases:remove-view", "cases:protect", "cases:begin-emergency", "cases:allow-burden", "cases:end-emergency",
    "planning:ground-layer", "planning:ground-check", "planning:ground-let-in", "planning:ground-abandon",
    "api:suggest", "api:report", "api:report_with_photos", "api:rate", "api:reopen", "api:withdraw", "api:join",
    "api:read_notices", "api:read_notice", "api:issue_token", "api:revoke_token", "api:revive_message",
    "api:make_move", "api:resolve", "api:answer_whistle", "api:reveal_reporters", "api:dispatch_many",
    "api:save_view", "api:remove_view", "api:appoint", "api:appoint_in_organisation", "api:end_tenure",
    "api:begin_absence", "api:end_absence", "api:form_contact_group", "api:begin_emergency", "api:end_emergency",
    "api:allow_burden", "api:reveal", "api:ask_to_reveal", "api:decide_reveal",
    "api:copy_own_data", "api:correct_own_data", "api:withdraw_own_data", "api:delete_own_data",
    "api:ask_phone_code", "api:confirm_phone", "api:protect",
    "api:end_other_sessions", "api:end_session", "api:lock_account", "api:unlock_account",
    "api:end_account_sessions", "api:reset_second_factor", "api:unlink_sign_on", "api:give_first_password",
    "api:give_role", "api:take_role", "api:add_account",
    "api:ask_grid_draft", "api:comment_on_draft", "api:stop_draft", "api:improve_draft", "api:refresh_draft",
    "api:discard_draft", "api:move_buildings", "api:undo_edit", "api:redo_edit", "api:lock_grid", "api:publish_draft",
    "api:recall_draft", "api:make_staffing", "api:change_staffing_rules", "api:add_staffing_person",
    "api:choose_staffing_grid", "api:let_staffing_compute", "api:ban_staffing_grid", "api:set_staffing_near",
    "api:remove_staffing_person", "api:read_present_staff", "api:publish_staffing", "api:discard_staffing",
    "api:import_ground", "api:choose_ground_layer", "api:check_ground", "api:let_ground_in", "api:abandon_ground",
    "api:add_nets", "api:merge_nets", "api:accept_groups_of_building", "api:accept_groups_of_area",
    "api:draw_micro_grids",
}  # fmt: skip
GET_AND_POST = {
    "accounts:sign-in", "accounts:second-step", "accounts:set-up-second-step", "accounts:first-password",
    "accounts:ask-phone-code", "accounts:enter-phone-code", "accounts:verify-phone", "accounts:password",
    "accounts:authenticator", "accounts:add-person", "accounts:tokens", "duty:households", "duty:appoint",
    "duty:appoint-organisation", "duty:begin-absence", "planning:building-groups", "planning:area-groups",
    "planning:staffing", "planning:publish-draft", "cases:report", "cases:follow-by-code", "planning:ground-new",
}  # fmt: skip
ANY_METHOD = {
    "web:set-language", "api:api-root", "api:openapi-json",
}  # fmt: skip
# A method that asks for more than the address.
MORE_NEEDED = {("planning:staffing", "POST"): "planning.draft"}


def methods(name: str) -> frozenset[str]:
    if name in ANY_METHOD:
        return frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
    return frozenset({"POST"} if name in ONLY_POST else {"GET", "POST"} if name in GET_AND_POST else {"GET"})
