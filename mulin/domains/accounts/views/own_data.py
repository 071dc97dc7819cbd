"""What is kept about somebody who works here, for themselves."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mulin.core.privacy.about import about, copy_for
from mulin.domains.accounts import access
from mulin.web.guards import signed_in


@never_cache
@require_GET
@signed_in
def own_data(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    kept = about(user, on=timezone.localdate())
    return render(request, "accounts/own_data.html", {"kept": kept, "person": user})


@never_cache
@require_GET
@signed_in
def download_own_data(request: HttpRequest) -> HttpResponse:
    user = access.person(request.user)
    options = {"ensure_ascii": False, "indent": 1}
    answer = JsonResponse(copy_for(user), json_dumps_params=options)
    answer["Content-Disposition"] = 'attachment; filename="mulin-own-data.json"'
    return answer
