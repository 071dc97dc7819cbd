"""Accounts for programs: who is asking, what waits for them, their tokens, the state of the worker."""

from mulin.domains.accounts.api.me import router as me
from mulin.domains.accounts.api.tokens import router as tokens
from mulin.domains.accounts.api.worker import router as worker

__all__ = ["me", "tokens", "worker"]
