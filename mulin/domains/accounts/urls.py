from django.urls import path

from mulin.domains.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("notices/", views.notices, name="notices"),
    path("notices/count", views.notice_count, name="notice-count"),
    path("notices/read", views.read_all_notices, name="read-all-notices"),
    path("notices/<int:notice_id>/", views.open_notice, name="open-notice"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke", views.revoke_token, name="revoke-token"),
    path("worker/", views.worker, name="worker"),
    path("worker/<int:message_id>/revive", views.revive_message, name="revive-message"),
]
