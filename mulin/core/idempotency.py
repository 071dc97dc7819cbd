"""The same write asked for twice is done once and answered alike."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mulin.core.encryption import keyed_hash, keyed_hashes
from mulin.core.errors import Conflict, Invalid
from mulin.core.inserting import insert, together
from mulin.core.models import IdempotencyKey
from mulin.core.rows import new_row

Answer = dict[str, Any]
LONGEST_KEY = 80


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    sentence = _("同一个幂等键带来了不同的内容。")
    remedy = _("新的请求请换用新的 Idempotency-Key。")


class KeyInvalid(Invalid):
    code = "idempotency_key_invalid"
    sentence = _("幂等键应为 1 至 80 个字符。")
    remedy = _("请使用随机的 UUID 作为 Idempotency-Key。")


def fingerprint(content: Any) -> str:
    """Return a keyed hash: a plain one would let a thief of the database try phone after phone."""
    return keyed_hash(_canonical(content))


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, default=str)


def _fingerprints(content: Any) -> list[str]:
    """Return the hashes it may have been kept under: a key may have been changed between the two requests."""
    return keyed_hashes(_canonical(content))


def _is_key(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEY and "\x00" not in key


def is_known(*, scope: str, key: str, content: Any) -> bool:
    """Say whether the same was asked under this key before and has its answer."""
    if not _is_key(key):
        return False
    return IdempotencyKey.objects.filter(scope=scope, key=key, fingerprint__in=_fingerprints(content)).exists()


def once(
    *, scope: str, key: str, content: Any, now: datetime, do: Callable[[], Answer], repeatable: bool = False
) -> Answer:
    """Run `do` in one transaction with the key, or return the answer it gave the first time.

    The key is written first, so that nobody else is doing the same meanwhile. A deed that only inserts rows, and can
    be undone (`repeatable`: filing a report, not accepting a case), writes it last, `together` with its rows. Raises
    KeyReused when the key came before with other content. A refusal inside `do` leaves no trace, so the corrected
    request may use the same key.
    """
    if not _is_key(key):
        raise KeyInvalid
    mark = fingerprint(content)
    row = new_row(IdempotencyKey, scope=scope, key=key, fingerprint=mark, created_at=now)
    try:
        return _key_last(row, do) if repeatable else _key_first(row, do)
    except IntegrityError:
        earlier = IdempotencyKey.objects.filter(scope=scope, key=key).first()
        if earlier is None:
            raise
    if earlier.fingerprint not in _fingerprints(content):
        raise KeyReused
    return dict(json.loads(earlier.answer or "{}"))


@transaction.atomic
def _key_first(row: IdempotencyKey, do: Callable[[], Answer]) -> Answer:
    insert(row)
    answer = do()
    IdempotencyKey.objects.filter(pk=row.pk).update(answer=json.dumps(answer))
    return answer


def _key_last(row: IdempotencyKey, do: Callable[[], Answer]) -> Answer:
    with together():
        answer = do()
        row.answer = json.dumps(answer)
        insert(row, keyed=False)
    return answer
