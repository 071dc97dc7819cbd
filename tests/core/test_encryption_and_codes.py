"""Personal fields are ciphertext at rest; codes are unguessable and forgiving to read."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import codes, encryption

text = st.text(st.characters(codec="utf-8"), min_size=1)


@given(text)
def test_what_is_encrypted_comes_back(value):
    assert encryption.decrypt(encryption.encrypt(value, label="a.b"), label="a.b") == value


@given(text)
def test_the_same_text_never_looks_the_same(value):
    assert encryption.encrypt(value, label="a.b") != encryption.encrypt(value, label="a.b")


def test_a_value_moved_to_another_field_does_not_decrypt():
    with pytest.raises(InvalidTag):
        encryption.decrypt(encryption.encrypt("13900000000", label="cases.reporter.phone"), label="cases.reporter.name")


@given(text, st.integers(0, 10_000))
def test_a_changed_byte_is_noticed(value, at):
    data = bytearray(encryption.encrypt(value, label="a.b"))
    data[1 + at % (len(data) - 1)] ^= 1
    with pytest.raises(InvalidTag):
        encryption.decrypt(bytes(data), label="a.b")


def test_a_keyed_hash_finds_and_does_not_tell():
    assert encryption.keyed_hash("13900000000") == encryption.keyed_hash("13900000000")
    assert encryption.keyed_hash("13900000000") != encryption.keyed_hash("13900000001")


def test_a_code_is_read_back_as_people_write_it():
    for code in [codes.new_code() for _ in range(50)]:
        assert len(code) == codes.RECEIPT_LENGTH
        assert codes.normalised(codes.grouped(code).lower().replace("-", " ")) == code
        assert codes.normalised(code.replace("0", "o").replace("1", "l")) == code


def test_codes_do_not_repeat():
    assert len({codes.new_code() for _ in range(10_000)}) == 10_000
