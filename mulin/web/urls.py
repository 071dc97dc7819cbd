from django.urls import path
from django.views.i18n import set_language

from mulin.web import auditing, exports, revealing, views

app_name = "web"
urlpatterns = [
    path("settings/language/", set_language, name="set-language"),
    path("settings/elder/", views.set_elder, name="set-elder"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("offline/", views.offline, name="offline"),
    path("reveal/<str:field>/<int:object_id>/", revealing.reveal, name="reveal"),
    path("reveal/<str:field>/<int:object_id>/ask", revealing.ask, name="ask-to-reveal"),
    path("approvals/", revealing.approvals, name="approvals"),
    path("approvals/<int:approval_id>/decide", revealing.decide, name="decide-reveal"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:export_id>/file", exports.download, name="export-file"),
    path("audit/", auditing.audit, name="audit"),
    path("styleguide/<str:shell>/", views.styleguide, name="styleguide"),
]
