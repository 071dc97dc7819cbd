"""Accounts for programs: who is asking, what waits for them, their tokens, the worker, others' accounts."""

from mulin.domains.accounts.api.administration import router as administration
from mulin.domains.accounts.api.me import router as me
from mulin.domains.accounts.api.own import router as own
from mulin.domains.accounts.api.tokens import router as tokens
from mulin.domains.accounts.api.worker import router as worker

__all__ = ["administration", "me", "own", "tokens", "worker"]
