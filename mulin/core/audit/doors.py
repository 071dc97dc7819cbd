"""Record every write of whole service rooms, without a line in each service.

A service takes `actor` and `now` by name: that is enough to write down who did what when. One that takes `now` and no
actor is the clock's: it answers whether it did something, and only then is there a record. Rooms are named in the
setting MULIN_AUDITED_SERVICES and wrapped when the process starts; callers enter rooms by their module
(`services.lock_user(...)`), so they meet the wrapper. A service called by another one is part of its caller's record.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator
from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import Any

from django.db import connection, models, transaction

from mulin.core.audit.recording import record_write

Service = Callable[..., Any]
_inside: ContextVar[bool] = ContextVar("inside a recorded service", default=False)
_MARK = "_is_recorded"


def watch(rooms: Iterable[str], *, leaving_out: Collection[str] = ()) -> None:
    """Wrap the services of these packages or modules but those in `leaving_out`, named as `recorded_name` does."""
    for room in rooms:
        modules = list(_modules(room))
        wrapped = {}
        for module in modules:
            for name, service in services_of(module):
                if recorded_name(service) not in leaving_out:
                    wrapped[service] = _recorded(service)
                    setattr(module, name, wrapped[service])
        for module in modules:
            for name, value in list(vars(module).items()):
                if inspect.isfunction(value) and value in wrapped:
                    setattr(module, name, wrapped[value])


def _modules(room: str) -> Iterator[ModuleType]:
    module = importlib.import_module(room)
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", []), f"{room}."):
        yield importlib.import_module(found.name)


def services_of(module: ModuleType) -> Iterator[tuple[str, Service]]:
    """Yield the public functions written in `module` that take the time: somebody's, and the clock's."""
    for name, value in list(vars(module).items()):
        is_own = inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
        if is_own and "now" in inspect.signature(value).parameters:
            yield name, value


def is_inside() -> bool:
    """Say whether a recorded service is at work: what it calls is part of its record."""
    return _inside.get()


def is_recorded(service: Service) -> bool:
    return hasattr(service, _MARK)


def recorded_name(service: Service) -> str:
    """Return `duty.appoint` for mulin.domains.duty.services.appoint: domain and service, whatever file it is in."""
    room = service.__module__.removeprefix("mulin.").removeprefix("domains.").partition(".")[0]
    return f"{room}.{service.__name__}"


def _recorded(service: Service) -> Service:
    whole = _inner_of_transaction(service)
    name = recorded_name(service)

    @wraps(service)
    def recording(*args: Any, **kwargs: Any) -> Any:
        if _inside.get():
            return service(*args, **kwargs)
        token = _inside.set(True)
        try:
            if whole is None:
                return _done(service, name, args, kwargs)
            with transaction.atomic():
                return _done(whole, name, args, kwargs)
        finally:
            _inside.reset(token)

    setattr(recording, _MARK, True)
    return recording


def _done(service: Service, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    result = service(*args, **kwargs)
    if connection.needs_rollback:  # a trial: nothing was written
        return result
    if "actor" in kwargs or result:
        record_write(actor=kwargs.get("actor"), action=name, one=_object_of(kwargs, result), now=kwargs["now"])
    return result


def _inner_of_transaction(service: Service) -> Service | None:
    """Return the function under `@transaction.atomic`: record and write are then kept together without a savepoint."""
    inner: Service | None = getattr(service, "__wrapped__", None)
    if inner is None:
        return None
    manager = inspect.getclosurevars(service).nonlocals.get("self")
    return inner if isinstance(manager, transaction.Atomic) else None


def _object_of(kwargs: dict[str, Any], result: Any) -> models.Model | None:
    """Return what was written: the first row handed in, or else the one handed back."""
    handed = (value for name, value in kwargs.items() if name != "actor")
    rows = (value for value in (*handed, result) if isinstance(value, models.Model))
    return next(rows, None)
