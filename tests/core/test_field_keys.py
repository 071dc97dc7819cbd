"""Two suites, a ring of keys: what was written under any of them is read; a key that is gone is named."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from mulin.core import encryption
from mulin.core.encryption import KeyMissing, ciphertext, keys, lookup, suites

LABEL = "cases.reporter.phone"
text = st.text(st.characters(codec="utf-8"), min_size=1)


@pytest.fixture(autouse=True)
def ring(tmp_path, settings):
    settings.MULIN_FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.MULIN_FIELD_KEYS = ""
    return tmp_path / "field.keys"


@pytest.fixture(params=sorted(suites.BY_NAME))
def suite(request, settings):
    settings.MULIN_CIPHER_SUITE = request.param
    return suites.BY_NAME[request.param]


@given(said=text, label=text, name=st.sampled_from(sorted(suites.BY_NAME)))
def test_every_suite_gives_back_what_it_was_given(said, label, name):
    one = suites.BY_NAME[name]
    key = one.derive("secret", "field")
    body = one.seal(key, b"0" * 12, said.encode(), label.encode())
    assert one.open(key, b"0" * 12, body, label.encode()) == said.encode()
    with pytest.raises(InvalidTag):
        one.open(key, b"0" * 12, body, label.encode() + b"x")
    with pytest.raises(InvalidTag):
        one.open(key, b"0" * 12, body[:-1] + bytes([body[-1] ^ 1]), label.encode())


def test_sm3_and_sm4_are_those_of_the_standards():
    """GB/T 32905 appendix A.1; GB/T 32907 appendix A.1 through the block cipher the mode is built of."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert (encryptor.update(block) + encryptor.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_what_an_older_key_wrote_is_still_read(suite):
    before = encryption.encrypt("13900000000", label=LABEL)
    assert keys.add() == 2
    after = encryption.encrypt("13900000000", label=LABEL)
    assert [encryption.decrypt(one, label=LABEL) for one in (before, after)] == ["13900000000"] * 2
    assert [encryption.is_current(one) for one in (before, after)] == [False, True]


def test_the_lookup_changes_with_the_key_and_still_finds_what_stood_under_the_old_one(suite):
    written = [encryption.keyed_hash("13900000000")]
    for _time in range(2):
        keys.add()
        written.append(encryption.keyed_hash("13900000000"))
    assert len(set(written)) == 3
    assert {len(one) for one in written} == {64}
    assert set(written) <= set(encryption.keyed_hashes("13900000000"))
    assert not set(written) & set(encryption.keyed_hashes("13900000001"))
    assert [lookup.is_current_hash(one) for one in written] == [False, False, True]


def test_what_tells_two_installations_apart_stays(suite):
    before = encryption.first_keyed_hash("x")
    keys.add()
    assert encryption.first_keyed_hash("x") == before


def test_each_suite_reads_what_the_other_wrote(settings):
    written = {}
    for name in suites.BY_NAME:
        settings.MULIN_CIPHER_SUITE = name
        written[name] = encryption.encrypt("x", label=LABEL)
    for name in suites.BY_NAME:
        settings.MULIN_CIPHER_SUITE = name
        assert {encryption.decrypt(one, label=LABEL) for one in written.values()} == {"x"}
        assert [other for other, one in written.items() if encryption.is_current(one)] == [name]


def test_an_unknown_suite_is_refused_by_name(settings):
    settings.MULIN_CIPHER_SUITE = "des"
    with pytest.raises(ValueError, match="MULIN_CIPHER_SUITE"):
        encryption.encrypt("x", label=LABEL)


def test_a_key_that_is_gone_is_named(ring, suite):
    keys.add()
    written = encryption.encrypt("x", label=LABEL)
    ring.unlink()
    with pytest.raises(KeyMissing, match="number 2"):
        encryption.decrypt(written, label=LABEL)


def test_keys_may_come_from_the_environment(settings):
    settings.MULIN_FIELD_KEYS = "2:second, 3:third"
    written = encryption.encrypt("x", label=LABEL)
    assert keys.ring().newest == 3
    assert encryption.decrypt(written, label=LABEL) == "x"


def test_the_file_of_keys_is_for_its_owner_only(ring):
    keys.add()
    keys.add()
    assert ring.stat().st_mode & 0o777 == 0o600
    assert [line.split()[0] for line in ring.read_text().splitlines()] == ["2", "3"]


@pytest.mark.parametrize(
    "broken", [b"\x02", b"\x02\x09\x00\x01" + b"0" * 40, b"\x03" + b"0" * 40, b"\x01", b"\x01short"]
)
def test_what_is_no_ciphertext_is_refused(broken):
    with pytest.raises(InvalidTag):
        encryption.decrypt(broken, label=LABEL)


def test_the_head_is_bound_in(settings):
    """A value cannot be passed off as written under another key."""
    settings.MULIN_FIELD_KEYS = "2:same,3:same"
    written = bytearray(ciphertext.encrypt("x", label=LABEL))
    written[3] = 2
    with pytest.raises(InvalidTag):
        encryption.decrypt(bytes(written), label=LABEL)
