"""The city's single sign-on, against a provider that runs beside the test: who comes in, and every answer refused."""

import base64
import hmac
import html
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from mulin.core.encryption import decrypt
from mulin.domains.accounts import services
from mulin.domains.accounts.models import Entry, SignOnLink, User
from tests.domains.accounts.people import as_
from tests.domains.accounts.test_administration import administrator
from tests.domains.accounts.test_second_factor import with_app
from tests.domains.accounts.test_sign_in import who
from tests.support.oidc_provider import CLIENT, SECRET, Claims, Person, Provider

pytestmark = pytest.mark.django_db
HERE, BACK = "https://mulin.example.gov.cn", "/sign-in/city/back/"


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    found = Provider(Person("subject-7", {"preferred_username": "stranger"}), {f"{HERE}{BACK}"})
    server = found.start()
    settings.MULIN_OIDC_ISSUER, settings.MULIN_PUBLIC_URL = found.issuer, HERE
    settings.MULIN_OIDC_CLIENT_ID, settings.MULIN_OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.MULIN_OIDC_NAME = "城市统一身份认证"
    yield found
    server.shutdown()
    server.server_close()


def sent_back(client: Client, target: str = "") -> dict[str, str]:
    """Go to the provider as a browser does, and return what it sends back in the address."""
    left = client.get("/sign-in/city/", {"next": target} if target else {})
    assert left.status_code == 302
    answer = httpx.get(left.headers["Location"], trust_env=False, timeout=60)
    assert answer.headers["Location"].startswith(f"{HERE}{BACK}?"), answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def through(client: Client, target: str = "") -> str:
    """Come in by the provider and return where it leads."""
    return str(client.get(BACK, sent_back(client, target)).headers["Location"])


def refused(client: Client) -> bool:
    return who(client) is None and not SignOnLink.objects.exists()


def test_the_city_names_who_comes_in(people, provider):
    client = Client()
    assert "城市统一身份认证" in client.get("/sign-in/").content.decode()
    assert through(client, "/tokens/") == "/tokens/"
    assert who(client) == str(people.stranger.pk)
    assert Entry.objects.filter(user=people.stranger, method="SINGLE_SIGN_ON", result="SIGNED_IN").count() == 1


def test_without_a_provider_there_is_no_such_door(client, people):
    assert "sign-in/city" not in client.get("/sign-in/").content.decode()
    assert [client.get(url).status_code for url in ("/sign-in/city/", BACK)] == [404, 404]


def test_nobody_gets_an_account_unasked(people, provider):
    before, client = User.objects.count(), Client()
    for person in (
        Person("s1", {"preferred_username": "new.man"}),
        Person("s2", {}),
        Person("s3", {"preferred_username": 7}),
    ):
        provider.person = person
        assert through(client) == "/sign-in/"
    assert refused(client)
    assert User.objects.count() == before


def test_a_name_given_to_somebody_else_later_opens_nothing(people, provider):
    through(Client())
    provider.person = Person("subject-8", {"preferred_username": "stranger"})
    newcomer = Client()
    assert through(newcomer) == "/sign-in/"
    assert who(newcomer) is None
    provider.person = Person("subject-7", {"preferred_username": "married-name"})
    renamed = Client()
    through(renamed)
    assert who(renamed) == str(people.stranger.pk)


def test_a_security_administrator_can_loosen_the_link(people, provider):
    security = administrator("security_admin")
    through(Client())
    url = reverse("accounts:unlink-sign-on", args=[people.stranger.pk])
    assert as_(people.may).post(url).status_code == 403
    assert (
        "解除统一认证关联" in as_(security).get(reverse("accounts:person", args=[people.stranger.pk])).content.decode()
    )
    assert SignOnLink.objects.filter(user=people.stranger).exists()
    as_(security).post(url)
    provider.person = Person("subject-8", {"preferred_username": "stranger"})
    client = Client()
    through(client)
    assert who(client) == str(people.stranger.pk)


def test_a_locked_account_stays_shut(people, provider):
    security = administrator("security_admin")
    through(Client())
    services.lock_user(actor=security, user=people.stranger, now=people.stranger.created_at)
    client = Client()
    through(client)
    assert who(client) is None


def test_the_second_step_is_asked_for_unless_the_city_is_trusted_to_have_asked(people, provider, settings):
    with_app(people.stranger)
    provider.person.claims["amr"] = ["pwd", "mfa"]
    assert through(Client()) == reverse("accounts:second-step")
    settings.MULIN_OIDC_TRUSTS_MFA = True
    assert through(Client(), "/notices/") == "/notices/"
    provider.person.claims["amr"] = ["pwd"]
    assert through(Client()) == reverse("accounts:second-step")


def test_a_claim_told_only_when_asked(people, provider):
    provider.person.only_in_userinfo = True
    client = Client()
    through(client)
    assert who(client) == str(people.stranger.pk)


def test_a_claim_told_of_somebody_else(people, provider):
    provider.person.only_in_userinfo = True
    provider.spoiled = lambda claims: claims if "iss" in claims else {**claims, "sub": "another"}
    client = Client()
    through(client)
    assert refused(client)


def test_by_phone_number(people, provider, settings):
    settings.MULIN_OIDC_CLAIM = "phone_number"
    User.objects.filter(pk=people.stranger.pk).update(work_phone="13800000001")
    provider.person.claims = {"phone_number": "+8613800000001", "phone_number_verified": False}
    client = Client()
    through(client)
    assert refused(client)
    provider.person.claims["phone_number_verified"] = True
    through(client)
    assert who(client) == str(people.stranger.pk)


SPOILED: dict[str, Any] = {
    "nonce of another": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "for somebody else": {"aud": "other-client"},
    "for two, handed to the other": {"aud": [CLIENT, "other-client"], "azp": "other-client"},
    "for two, handed to nobody": {"aud": [CLIENT, "other-client"]},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "expired": {"exp": 1_700_000_000},
    "without an end": {"exp": None},
    "of tomorrow": {"iat": 4_000_000_000},
    "without a subject": {"sub": None},
}


@pytest.mark.parametrize("change", SPOILED.values(), ids=SPOILED.keys())
def test_a_token_that_is_not_for_this_sign_in(people, provider, change):
    provider.spoiled = lambda claims: {name: v for name, v in {**claims, **change}.items() if v is not None}
    client = Client()
    assert through(client) == "/sign-in/"
    assert refused(client)
    assert Entry.objects.filter(result="WRONG", method="SINGLE_SIGN_ON").count() == 1


def unsigned(_provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, "", "none")


def by_another_key(provider: Provider, claims: Claims) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, "RS256", {"kid": provider.key_id})


def by_the_public_key_as_a_password(provider: Provider, claims: Claims) -> str:
    pem = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": provider.key_id}
    said = b".".join(in_url(json.dumps(part).encode()) for part in (header, claims))
    return b".".join((said, in_url(hmac.digest(pem, said, "sha256")))).decode()


def in_url(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def by_a_key_it_does_not_publish(provider: Provider, claims: Claims) -> str:
    return jwt.encode(claims, provider.key, "RS256", {"kid": "unknown"})


def cut_short(provider: Provider, claims: Claims) -> str:
    return provider.signed(claims)[:-8]


@pytest.mark.parametrize(
    "sign", [unsigned, by_another_key, by_the_public_key_as_a_password, by_a_key_it_does_not_publish, cut_short]
)
def test_a_token_the_provider_has_not_signed(people, provider, sign):
    provider.sign = sign
    client = Client()
    assert through(client) == "/sign-in/"
    assert refused(client)


def test_a_provider_changes_its_key(people, provider):
    through(Client())
    provider.change_key()
    client = Client()
    through(client)
    assert who(client) == str(people.stranger.pk)


def test_an_answer_somebody_else_has_fetched_is_worth_nothing(people, provider):
    """Login CSRF: an attacker hands their own answer to somebody who has left for the provider, or who has not."""
    attackers, victim, stranger = sent_back(Client()), Client(), Client()
    sent_back(victim)
    assert victim.get(BACK, attackers).headers["Location"] == "/sign-in/"
    assert stranger.get(BACK, attackers).status_code == 403
    assert refused(victim)
    assert refused(stranger)


def test_a_code_stolen_on_the_way_fails_without_the_verifier(people, provider):
    stolen, thief = sent_back(Client()), Client()
    own = sent_back(thief)
    assert thief.get(BACK, {**own, "code": stolen["code"]}).headers["Location"] == "/sign-in/"
    assert provider.refusals == ["invalid_grant"]
    assert refused(thief)


def test_an_answer_is_good_once(people, provider):
    client = Client()
    answer = sent_back(client)
    client.get(BACK, answer)
    client.post("/sign-out/")
    assert client.get(BACK, answer).status_code == 403
    assert who(client) is None


def test_an_answer_comes_too_late(people, provider):
    client = Client()
    answer = sent_back(client)
    session = client.session
    session["left_for_sign_on"] = {**session["left_for_sign_on"], "at_s": int(time.time()) - 601}
    session.save()
    assert client.get(BACK, answer).status_code == 403


@pytest.mark.parametrize(
    "spoiled", [{"error": "access_denied"}, {"state": ""}, {"iss": "https://x.example"}, {"code": ""}]
)
def test_an_answer_that_is_none(people, provider, spoiled):
    client = Client()
    assert client.get(BACK, {**sent_back(client), **spoiled}).headers["Location"] == "/sign-in/"
    assert refused(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_leads_to_our_own_pages_only(people, provider, target):
    assert through(Client(), target) == "/"


def test_the_host_of_the_request_is_not_believed(people, provider, settings):
    settings.ALLOWED_HOSTS = ["*"]
    left = Client().get("/sign-in/city/", HTTP_HOST="evil.example")
    asked = parse_qs(urlsplit(left.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{HERE}{BACK}"]


def way_out(client: Client, **said: str) -> str:
    """Sign out and return where the page leads; empty when it is our own first page at once."""
    answer = client.post("/sign-out/", said)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    assert who(client) is None
    assert found is not None or answer.headers["Location"] == "/"
    return html.unescape(found[1]) if found else ""


def test_signing_out_ends_the_session_at_the_provider_too(people, provider):
    provider.back_after_sign_out = {f"{HERE}/"}
    client = Client()
    through(client)
    answer = httpx.get(way_out(client), trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{HERE}/"), provider.refusals
    assert provider.signed_out == ["subject-7"]


def test_signing_out_leads_nowhere_else(people, provider, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"Host": "evil.example"})
    through(client)
    onward = way_out(client, next="https://evil.example/", post_logout_redirect_uri="https://evil.example/")
    assert onward.startswith(f"{provider.issuer}/end_session_endpoint?")
    assert parse_qs(urlsplit(onward).query)["post_logout_redirect_uri"] == [f"{HERE}/"]


def test_who_came_in_otherwise_signs_out_here_alone(people, provider):
    client = as_(people.stranger)
    assert way_out(client) == ""
    through(client := Client())
    client.post("/sign-out/")
    assert way_out(client) == "", "the second time there is nothing left to end"


@pytest.mark.parametrize("endpoint", ["", "http://elsewhere.example/out", "javascript:alert(1)"])
def test_a_provider_without_a_sound_way_out_is_not_gone_to(people, provider, endpoint):
    provider.discovery = {"end_session_endpoint": endpoint}
    client = Client()
    through(client)
    assert way_out(client) == ""


def test_signing_out_while_the_provider_is_away(people, provider, settings):
    client = Client()
    through(client)
    settings.MULIN_OIDC_ISSUER = "http://127.0.0.1:9"
    assert way_out(client) == ""


def test_the_token_kept_for_signing_out_is_ciphertext(people, provider):
    client = Client()
    through(client)
    kept = client.session["sign_on_id_token"]
    assert jwt.get_unverified_header(decrypt(base64.b64decode(kept), label="sign_on_id_token"))["kid"] == "first"
    with pytest.raises(jwt.PyJWTError):
        jwt.get_unverified_header(kept)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": ""},
    ],
)
def test_a_provider_that_cannot_be_trusted_is_not_gone_to(people, provider, document):
    provider.discovery = document
    client = Client()
    assert client.get("/sign-in/city/").headers["Location"] == "/sign-in/"
    assert "连不上统一认证" in client.get("/sign-in/").content.decode()


def test_a_provider_that_is_away(people, provider, settings):
    settings.MULIN_OIDC_ISSUER = "http://127.0.0.1:9"
    client = Client()
    assert client.get("/sign-in/city/").headers["Location"] == "/sign-in/"
    assert not Entry.objects.exists()


def test_failures_are_counted_for_the_address(people, provider):
    for _ in range(60):
        client = Client()
        client.get(BACK, {**sent_back(client), "state": "x"})
    assert Client().get(f"/sign-in/city/?{urlencode({'next': '/'})}").status_code == 429
