from tests.domains.accounts.people import people, quick_hashing

__all__ = ["people", "quick_hashing"]
