"""What the suggestion learns from the desk."""

from django.db import transaction


@transaction.atomic
def learn(*, text: str, category_code: str) -> None:
    """Remember the words of a case that a desk confirmed as `category_code`."""
