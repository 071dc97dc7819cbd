"""How much of a personal value is shown to who has not said why they need it."""

HIDDEN = "***"


def name(text: str) -> str:
    """王小明 → 王**."""
    return f"{text[0]}**" if text else ""


def phone(text: str) -> str:
    """13912345678 → 139****5678: enough to tell two apart, not enough to call."""
    if len(text) >= 8:
        return f"{text[:3]}****{text[-4:]}"
    return "****" if text else ""


def identity_number(text: str) -> str:
    """520302199001011234 → 5****************4."""
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}" if len(text) > 2 else "*" * len(text)


def room(text: str) -> str:
    return HIDDEN if text else ""


def note(text: str) -> str:
    """A note on health or care is not shown in part."""
    return HIDDEN if text else ""
