"""Entrances of accounts."""

from mulin.domains.accounts.views.everyday import home

__all__ = ["home"]
