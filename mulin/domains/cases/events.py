"""What cases tell."""

from mulin.core.outbox import event


@event("cases.moved")
class CaseMoved:
    """A case took a step; `sequence` names the step within the case."""

    case_id: int
    sequence: int
    move: str
    status: str
    moved_at: str
