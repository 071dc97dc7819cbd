from tests.api.conftest import token_of as token_of
from tests.api.conftest import town as town
from tests.api.test_schemathesis import real as real
