"""The one way a draft changes its state: lock it, look up the move in the lifecycle."""

from mulin.domains.planning.models import Draft
from mulin.domains.planning.states import DRAFT_LIFECYCLE, DraftState


def advance(draft: Draft, move: str) -> None:
    """Take a move of the lifecycle with a locked draft. Raises IllegalMove."""
    draft.state = DraftState(DRAFT_LIFECYCLE.step(draft.state, move).lands_on(draft.state))


def locked(draft: Draft) -> Draft:
    """Return the draft read again under a lock."""
    return Draft.objects.select_for_update(of=("self",)).select_related("head").get(pk=draft.pk)
