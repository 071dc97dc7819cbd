"""Tell other domains what happened: `publish` inside a service, `on` in a handlers module.

A message is a row written in the publisher's transaction, one per handler. A worker claims it for a while,
runs the handler and marks it done in one transaction: killed anywhere, it is delivered again or was delivered.
"""

import dataclasses
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform

from django.db import connection, transaction
from django.db.models import Q

from mulin.core.inserting import insert, is_whole
from mulin.core.models import DeliveryState, OutboxMessage
from mulin.core.outages import DatabaseAway, StorageFull, StorageUnwritable, outage_of
from mulin.core.rows import new_row

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(hours=1)


class Event(Protocol):
    """What the decorator `event` makes of a class."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Handler = Callable[[Any], None]
HandlerT = TypeVar("HandlerT", bound=Handler)
ClassT = TypeVar("ClassT", bound=type)

_classes: dict[str, type] = {}
_names: dict[type, str] = {}
_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(name: str) -> Callable[[ClassT], ClassT]:
    """Declare a frozen dataclass of plain values as the event `name` ('cases.closed')."""

    def declare(cls: ClassT) -> ClassT:
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        _classes[name], _names[cls] = cls, name
        return cls

    return declare


def on(event_class: type) -> Callable[[HandlerT], HandlerT]:
    """Call the decorated function once per event, after the publisher's transaction has committed."""

    def register(handler: HandlerT) -> HandlerT:
        _handlers[_names[event_class]][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def publish(*happened: Event, now: datetime) -> None:
    """Record events in the caller's transaction, so that both are kept or both are not."""
    if not is_whole():
        raise RuntimeError("publish() outside a transaction: the event could outlive a failed write.")
    messages = [
        new_row(OutboxMessage, event=name, handler=handler, payload=dict(vars(one)), published_at=now, due_at=now)
        for one, name in ((one, _names[type(one)]) for one in happened)
        for handler in _handlers[name]
    ]
    insert(*messages, keyed=False)


def claim(*, now: datetime, limit: int = 50) -> list[OutboxMessage]:
    """Take up to `limit` due messages for LEASE; a message whose worker died is taken again.

    The clock may have been put back: a new message is due whenever it was written, and no lease or pause is longer
    than we make them (twice that, as the clocks of two machines differ).
    """
    lease = uuid.uuid4().hex
    free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * LEASE)
    is_due = Q(due_at__lte=now) | Q(attempts=0) | Q(due_at__gt=now + 2 * LONGEST_PAUSE)
    with transaction.atomic():
        due = OutboxMessage.objects.filter(free, is_due, state=DeliveryState.PENDING).order_by("due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        messages = list(due[:limit])
        OutboxMessage.objects.filter(pk__in=[m.pk for m in messages]).update(leased_until=now + LEASE, lease=lease)
    for message in messages:
        message.lease = lease
    return messages


def deliver(message: OutboxMessage, *, now: datetime) -> bool:
    """Run the handler of a claimed message once; on failure plan the next try or lay it with the dead.

    An outage is nobody's failed try: it is raised, and the message comes again when its lease is over.
    """
    try:
        with transaction.atomic():
            mine = OutboxMessage.objects.select_for_update().filter(
                pk=message.pk, lease=message.lease, state=DeliveryState.PENDING
            )
            if not mine.exists():
                return False
            handler = _handlers[message.event][message.handler]
            handler(_classes[message.event](**message.payload))
            OutboxMessage.objects.filter(pk=message.pk).update(
                state=DeliveryState.DONE, done_at=now, leased_until=None, attempts=message.attempts + 1
            )
    except Exception as failure:  # whatever a handler does, its neighbours are delivered
        if isinstance(outage_of(failure), StorageFull | StorageUnwritable | DatabaseAway):
            raise
        log.warning("Handler %s failed on %s: %r", message.handler, message.event, failure)
        _plan_retry(message, failure, now=now)
        return False
    return True


def _plan_retry(message: OutboxMessage, failure: Exception, *, now: datetime) -> None:
    attempts = message.attempts + 1
    OutboxMessage.objects.filter(pk=message.pk, lease=message.lease).update(
        attempts=attempts,
        state=DeliveryState.DEAD if attempts >= MOST_ATTEMPTS else DeliveryState.PENDING,
        due_at=now + retry_delay(attempts),
        leased_until=None,
        error=f"{type(failure).__name__}: {failure}"[:2000],
    )


def retry_delay(attempts: int) -> timedelta:
    """Return the pause after the failed attempt number `attempts`: 5 s doubling up to an hour."""
    return min(timedelta(seconds=5 * 2 ** (attempts - 1)), LONGEST_PAUSE)


def deliver_pending(*, now: datetime, limit: int = 50) -> int:
    """Deliver what is due; return how many messages were handled."""
    return sum(deliver(message, now=now) for message in claim(now=now, limit=limit))


def revive(*, message_id: int, now: datetime) -> bool:
    """Put a dead message back in the queue, asked for by the administrator."""
    dead = OutboxMessage.objects.filter(pk=message_id, state=DeliveryState.DEAD)
    return bool(dead.update(state=DeliveryState.PENDING, attempts=0, due_at=now, error=""))


def prune(*, before: datetime) -> int:
    """Delete messages delivered before `before`; what they did is in the history of its domain."""
    return OutboxMessage.objects.filter(state=DeliveryState.DONE, done_at__lt=before).delete()[0]
