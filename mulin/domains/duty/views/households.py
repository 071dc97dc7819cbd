"""The desk's page of households in no contact group: the remedy of that gap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from mulin.core.errors import NotAllowed, Refused
from mulin.domains.accounts.models import User
from mulin.domains.duty import access, services
from mulin.domains.duty.pages.households import group_choices, household_choices
from mulin.domains.duty.pages.posts import posts_url
from mulin.domains.duty.queries.posts import Where
from mulin.domains.duty.views.forms import GroupForm
from mulin.domains.places import queries as places
from mulin.web.fragments import go_to


@require_http_methods(["GET", "POST"])
def households(request: HttpRequest, place_id: int) -> HttpResponse:
    """Choose households of a building and a contact group; the group's posts follow, should it have no contact."""
    now = timezone.now()
    building = access.building_of_posts(request.user, place_id, now=now)
    if not isinstance(request.user, User):
        raise NotAllowed
    groups = places.contact_groups_of(building.pk)
    doors = household_choices(places.households_in_no_group(building.pk))
    form = GroupForm(request.POST or None, households=doors, groups=group_choices(groups))
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        chosen = next((group for group, _count in groups if group.pk == form.cleaned_data["group"]), None)
        ids = form.cleaned_data["households"]
        try:
            group = services.put_into_group(
                actor=request.user, building=building, household_ids=ids, group=chosen, now=now
            )
        except Refused as refused:
            refusal = refused
        else:
            return go_to(request, posts_url(Where(place=group)))
    context = {"building": building, "form": form, "refusal": refusal, "back_url": posts_url(Where(place=building))}
    status = refusal.status if refusal else 200 if request.method == "GET" else 422
    return render(request, "duty/households.html", {**context, "is_empty": not doors}, status=status)
