from django.urls import path

from mulin.domains.duty.views import boards, coverage, households, posts

app_name = "duty"
urlpatterns = [
    path("coverage/", coverage.overview, name="coverage"),
    path("b/<str:board_code>/", boards.board, name="board"),
    path("b/<str:board_code>/board.pdf", boards.board_pdf, name="board-pdf"),
    path("boards/<str:area_code>.pdf", boards.boards_pdf, name="boards-pdf"),
    path("posts/place/<int:place_id>/", posts.posts_of_place, name="place-posts"),
    path("posts/place/<int:place_id>/households/", households.households, name="households"),
    path("posts/organisation/<int:organisation_id>/", posts.posts_of_organisation, name="organisation-posts"),
    path("posts/place/<int:place_id>/<slug:post>/<int:seat>/", posts.appoint_at_place, name="appoint"),
    path(
        "posts/organisation/<int:organisation_id>/<slug:post>/<int:seat>/",
        posts.appoint_at_organisation,
        name="appoint-organisation",
    ),
    path("tenures/<int:tenure_id>/end/", posts.end_tenure, name="end-tenure"),
    path("tenures/<int:tenure_id>/absence/", posts.begin_absence, name="begin-absence"),
    path("absences/<int:absence_id>/end/", posts.end_absence, name="end-absence"),
]
