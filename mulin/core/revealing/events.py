"""What revealing tells: a second person is asked, a second person has decided."""

from mulin.core.outbox import event


@event("core.reveal_asked")
class RevealAsked:
    approval_id: int
    field: str
    object_id: int
    asker_id: int
    asked_at: str


@event("core.reveal_decided")
class RevealDecided:
    approval_id: int
    field: str
    object_id: int
    asker_id: int
    granted: bool
    decided_at: str
