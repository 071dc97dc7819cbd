from django.urls import URLPattern, path

from mulin.domains.planning.views import drafts, grid_maps, publications, staffing

app_name = "planning"
urlpatterns: list[URLPattern] = [
    path("drafts/", drafts.overview, name="drafts"),
    path("drafts/ask/", drafts.ask, name="ask-draft"),
    path("drafts/<int:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<int:draft_id>/ground.geojson", drafts.draft_ground, name="draft-ground"),
    path("drafts/<int:draft_id>/plan.json", drafts.draft_plan, name="draft-plan"),
    path("drafts/<int:draft_id>/plan.geojson", drafts.as_geojson, name="draft-geojson"),
    path("drafts/<int:draft_id>/move/", drafts.draft_move, name="draft-move"),
    path("drafts/<int:draft_id>/undo/", drafts.draft_undo, name="draft-undo"),
    path("drafts/<int:draft_id>/redo/", drafts.draft_redo, name="draft-redo"),
    path("drafts/<int:draft_id>/lock/", drafts.draft_lock, name="draft-lock"),
    path("drafts/<int:draft_id>/comment/", drafts.draft_comment, name="draft-comment"),
    path("drafts/<int:draft_id>/stop/", drafts.draft_stop, name="draft-stop"),
    path("drafts/<int:draft_id>/improve/", drafts.draft_improve, name="draft-improve"),
    path("drafts/<int:draft_id>/refresh/", drafts.draft_refresh, name="draft-refresh"),
    path("drafts/<int:draft_id>/discard/", drafts.draft_discard, name="draft-discard"),
    path("drafts/<int:draft_id>/compare/<int:other_id>/", drafts.compare, name="compare-drafts"),
    path("drafts/<int:draft_id>/publish/", publications.publish, name="publish-draft"),
    path("drafts/<int:draft_id>/recall/", publications.recall, name="recall-draft"),
    path("drafts/<int:draft_id>/publication/", publications.publication, name="publication"),
    path("drafts/<int:draft_id>/publication/households.xlsx", publications.household_changes, name="household-changes"),
    path("drafts/<int:draft_id>/publication/notices.pdf", publications.notices, name="notices-pdf"),
    path("staffing/", staffing.drafts, name="staffing"),
    path("staffing/<int:draft_id>/", staffing.draft, name="staffing-draft"),
    path("staffing/<int:draft_id>/rules/", staffing.rules, name="staffing-rules"),
    path("staffing/<int:draft_id>/people/", staffing.add, name="staffing-add"),
    path("staffing/<int:draft_id>/people/<int:row_id>/", staffing.change, name="staffing-change"),
    path("staffing/<int:draft_id>/present/", staffing.read_present, name="staffing-present"),
    path("staffing/<int:draft_id>/publish/", staffing.publish, name="staffing-publish"),
    path("staffing/<int:draft_id>/discard/", staffing.discard, name="staffing-discard"),
    path("grid-map/", grid_maps.choose, name="grid-map"),
    path("grid-map/<str:area_code>.svg", grid_maps.as_svg, name="grid-map-svg"),
    path("grid-map/<str:area_code>.pdf", grid_maps.as_pdf, name="grid-map-pdf"),
]
