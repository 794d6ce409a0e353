"""Who may call, by which credential."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from chat.api.v1.access import scope_of
from chat.api.v1.description import describe
from chat.grants.scopes import Scope
from tests.chat.api.v1.callers import Caller, problem_of
from tests.chat.api.v1.conftest import APP
from tests.support.access_tables import rows_of
from tests.support.cookies import csrf_token, owner_of
from tests.support.servers import PATIENCE, Site
from tests.support.staff import manage, signed_in

OTHER = "https://evil.example"


def ticket_of(caller: Caller) -> str:
    answer = caller.post("/ticket").raise_for_status().json()
    assert answer["expires_in"] == 60
    return str(answer["ticket"])


def test_without_a_credential_nothing_is_read(site: Site):
    """The sentence says what is missing, and a program learns the scheme."""
    refused = httpx.get(f"{site.url}/api/v1/sessions", trust_env=False)
    assert problem_of(refused, 401)["code"] == "access_denied"
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic YTpi"])
def test_a_credential_that_is_none_is_refused(site: Site, header: str):
    """Even beside a cookie that would do: a client means what it sends."""
    refused = httpx.get(f"{site.url}/api/v1/sessions", headers={"Authorization": header}, trust_env=False)
    assert problem_of(refused, 401)["code"] == "access_denied"


def test_a_revoked_token_opens_nothing(site: Site, visitor: httpx.Client, caller: Caller):
    """Like one of another owner, it shows nothing of the sessions."""
    caller.remember("trip", "hi", "Hello.")
    with Caller(site, "somebody-else") as other:
        assert problem_of(other.get("/sessions/trip"), 404)
        assert other.get("/sessions/trip/messages").json()["messages"] == []


def test_a_ticket_is_good_for_one_call(site: Site, caller: Caller):
    """Of its owner; and it can be had from its former address, too."""
    caller.remember("trip", "hi", "Hello.")
    former = httpx.post(f"{site.url}/api/ticket", headers=caller.headers, trust_env=False).json()["ticket"]
    for ticket in (ticket_of(caller), former):
        read = httpx.get(f"{site.url}/api/v1/sessions/trip", params={"ticket": ticket}, trust_env=False)
        assert read.json()["title"] == "hi"
        again = httpx.get(f"{site.url}/api/v1/sessions/trip", params={"ticket": ticket}, trust_env=False)
        assert "used before" in problem_of(again, 401)["detail"]


def test_the_visitors_cookie_reads_from_the_sites_own_pages(site: Site, visitor: httpx.Client):
    """Browsers send no Origin with these requests, but say where they come from."""
    for own in (
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": site.url},
        {"Origin": APP},
    ):
        assert visitor.get("/api/v1/sessions", headers=own).status_code == 200
    for other in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": OTHER},
        {"Origin": "null"},
    ):
        assert problem_of(visitor.get("/api/v1/sessions", headers=other), 403)["code"] == "access_denied"


def test_a_page_of_the_site_proves_that_it_sent_a_change(site: Site, visitor: httpx.Client):
    """With its token against forged requests; a page of an allowed origin has none, and its Origin is proof."""
    own = {"Origin": site.url}
    assert "X-CSRFToken" in problem_of(visitor.delete("/api/v1/sessions/x", headers=own), 403)["detail"]
    token = {"X-CSRFToken": csrf_token(visitor)}
    assert visitor.delete("/api/v1/sessions/x", headers=own | token).status_code == 204
    assert visitor.delete("/api/v1/sessions/x", headers={"Origin": APP}).status_code == 204
    for other in ({"Origin": OTHER}, token, {"Sec-Fetch-Site": "same-origin"} | token):
        assert problem_of(visitor.delete("/api/v1/sessions/x", headers=other), 403)


def test_the_cookie_is_the_visitor_of_the_page(site: Site, visitor: httpx.Client):
    """The sessions are those of the page, and a program's token leads to the same."""
    owner = owner_of(visitor.cookies[site.cookies.owner])
    with Caller(site, owner) as caller:
        caller.remember("trip", "hi", "Hello.")
    assert [each["id"] for each in visitor.get("/api/v1/sessions").json()["sessions"]] == ["trip"]
    assert "Set-Cookie" not in visitor.get("/api/v1/sessions").headers


# --- every call with every credential -------------------------------------------------------------------------------

#: What only its owner may see.
SECRET = "the secret of the owner"
#: Who calls, in the order of the columns in docs/security.md.
CREDENTIALS = ("none", "foreign page", "cookie", "other cookie", "token", "other token", "ticket", "staff")
DESCRIBED = describe()


def rows() -> dict[str, list[str]]:
    """The cells of each call in docs/security.md."""
    return rows_of("call", CREDENTIALS)


def all_calls() -> list[str]:
    """Every call that is described, and the documents."""
    described = [f"{method.upper()} {path}" for path, found in DESCRIBED["paths"].items() for method in found]
    return [*described, "GET /openapi.json", "GET /asyncapi.yaml"]


def test_the_table_has_a_row_for_every_call():
    """And for no other."""
    assert sorted(rows()) == sorted(all_calls())


def sent_by(method: str, path: str) -> dict[str, Any]:
    """What a call sends, for httpx: bodies that fit the session of `Caught`, or the example in the description."""
    if path == "/import":
        session = {"id": "old", "messages": [{"id": "1", "role": "Human", "at": None, "text": "hi"}]}
        return {"files": {"file": json.dumps({"format": "motorhead-chat", "version": 1, "sessions": [session]})}}
    operation = DESCRIBED["paths"].get(path, {}).get(method.lower(), {})
    if "$ref" not in operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}):
        return {}
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fitting = {"Fold": {"through": "2"}, "Restore": {"version": 1}, "RewindTo": {"after": "2"}}
    fitting |= {"ForkAt": {"through": "2", "to": "fork"}}
    return {"json": fitting.get(name) or DESCRIBED["components"]["schemas"][name]["examples"][0]}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_makes_the_calls_of_its_scope(site: Site, scope: Scope):
    """Every other call is refused before it does anything, and the sentence names the scope."""
    token = manage(site, "issue_token", "--owner", "scoped", "--scope", scope).strip()
    with httpx.Client(base_url=f"{site.url}/api/v1", trust_env=False, timeout=60 * PATIENCE) as client:
        for call in all_calls():
            method, path = call.split(" ")
            if path in {"/ticket", "/visit", "/openapi.json", "/asyncapi.yaml"}:
                continue
            address = path.format_map(defaultdict(lambda: "1"))
            answer = client.request(method, address, headers={"Authorization": f"Bearer {token}"})
            refused = answer.status_code == 403 and "scope" in answer.json()["detail"]
            assert refused == (scope is not scope_of(method)), call


def test_a_service_acts_for_the_owners_of_its_tenant_through_tickets(site: Site):
    """Each ticket is for one of them, as long as is asked for, with the scopes and origins of the token."""
    token = manage(site, "issue_token", "--tenant", "acme", "--scope", "read", "--origin", APP).strip()
    with Caller(site, "acme_user-42") as user, httpx.Client(base_url=f"{site.url}/api/v1", trust_env=False) as client:
        user.remember("trip", "hi", "Hello.")
        headers = {"Authorization": f"Bearer {token}"}

        def ticket(owner: str) -> str:
            bought = client.post("/ticket", json={"owner": owner, "expires_in": 300}, headers=headers)
            assert bought.raise_for_status().json()["expires_in"] == 300
            return str(bought.json()["ticket"])

        read = client.get("/sessions/trip", params={"ticket": ticket("user-42")}, headers={"Origin": APP})
        assert read.json()["title"] == "hi"
        assert client.get("/sessions/trip", params={"ticket": ticket("user-43")}).status_code == 404
        assert client.delete("/sessions/trip", params={"ticket": ticket("user-42")}).status_code == 403
        foreign = client.get("/sessions/trip", params={"ticket": ticket("user-42")}, headers={"Origin": OTHER})
        assert "this origin" in problem_of(foreign, 403)["detail"]
        for wrong in ({"owner": "a.b"}, {"owner": "x", "expires_in": 601}, {"owner": "x", "expires_in": 0}):
            assert client.post("/ticket", json=wrong, headers=headers).status_code in {400, 422}
        others = client.post("/ticket", json={"owner": "user-42"}, headers=dict(user.headers))
        assert "token of a service" in problem_of(others, 403)["detail"]


class Caught:
    """Everybody who might call, around one visitor whose session ``trip`` has something to hide."""

    def __init__(self, site: Site, visitor: httpx.Client, staff: httpx.Client) -> None:
        self._site = site
        self._visitor = visitor
        self._staff = staff
        self._share = ""
        self.owner = Caller(site, owner_of(visitor.cookies[site.cookies.owner]))
        self._other = Caller(site, "a-stranger")

    def close(self) -> None:
        """Close the connections."""
        self.owner.close()
        self._other.close()

    def reset(self) -> None:
        """Make the owner's session as it was."""
        self.owner.delete("/sessions/trip").raise_for_status()
        self.owner.delete("/sessions/fork").raise_for_status()
        self._other.delete("/sessions/trip").raise_for_status()
        self.owner.remember("trip", f"hi, {SECRET}", "Hello.", f"bye, {SECRET}", "Bye.", key="t1")
        self.owner.put("/sessions/trip/summary", json={"text": SECRET}, headers={"If-Match": "*"}).raise_for_status()
        self._share = self.owner.post("/sessions/trip/shares").raise_for_status().json()["id"]

    def state(self) -> Any:
        """What a call might change of the owner's."""
        return self.owner.memory("trip"), self.owner.get("/sessions").json(), self.owner.get("/shares").json()

    def call(self, credential: str, method: str, path: str) -> httpx.Response:
        """The answer to a call with a credential."""
        address = path.format(session_id="trip", message_id="2", turn_id="t1", share_id=self._share)
        query = {"q": "secret"} if path == "/search" else {}

        operation = DESCRIBED["paths"].get(path, {}).get(method.lower(), {})
        body = None
        if "$ref" in operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}):
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            body = {"Fold": {"through": "2"}, "Restore": {"version": 1}, "RewindTo": {"after": "2"}}.get(name)
            body = body or {"ForkAt": {"through": "2", "to": "fork"}}.get(name)
            body = body or DESCRIBED["components"]["schemas"][name]["examples"][0]
        headers = {"If-Match": "*"} if method == "PUT" else {}
        client, own = self._client(credential)
        query |= {"ticket": ticket_of(self.owner)} if credential == "ticket" else {}
        sent = sent_by(method, path) | {"headers": headers | own}
        with closing(client):
            return client.request(method, f"/api/v1{address}", params=query, **sent)

    def _client(self, credential: str) -> tuple[httpx.Client, dict[str, str]]:
        client = httpx.Client(base_url=self._site.url, trust_env=False, timeout=60)
        own = {"Origin": self._site.url}
        match credential:
            case "cookie" | "foreign page":
                client.cookies.update(self._visitor.cookies)
                own = {"Origin": OTHER} if credential == "foreign page" else own
                return client, own | {"X-CSRFToken": csrf_token(client)}
            case "other cookie":
                client.get("/s/first")
                return client, own | {"X-CSRFToken": csrf_token(client)}
            case "token":
                return client, {"Authorization": self.owner.headers["Authorization"]}
            case "other token":
                return client, {"Authorization": self._other.headers["Authorization"]}
            case "staff":
                client.cookies.update(self._staff.cookies)
                return client, own | {"X-CSRFToken": csrf_token(client)}
            case _:
                return client, {}


@pytest.fixture(scope="module")
def staff(site: Site) -> Iterator[httpx.Client]:
    """Staff who may do everything, signed in."""
    with signed_in(site, "everything") as staff:
        yield staff


@pytest.fixture
def caught(site: Site, visitor: httpx.Client, staff: httpx.Client) -> Iterator[Caught]:
    """Everybody, around a new visitor."""
    with closing(Caught(site, visitor, staff)) as caught:
        yield caught


@pytest.mark.parametrize("call", all_calls())
def test_a_call_does_what_the_table_says(caught: Caught, call: str):
    """With each credential, and no more: nothing of somebody else's is shown or changed."""
    method, path = call.split(" ")
    caught.reset()
    before = caught.state()
    for credential, allowed in zip(CREDENTIALS, rows()[call], strict=True):
        answer = caught.call(credential, method, path)
        found = f"{call} with {credential}: {answer.status_code} {answer.text}"
        assert answer.status_code < 500, found
        denied = answer.status_code in {401, 403}
        assert denied == (allowed == "no"), found
        if allowed == "yes":
            assert answer.status_code < 400 or answer.json()["code"] == "prompt_unknown", found
        else:
            assert SECRET not in answer.text, found
        if method == "GET":
            continue
        if allowed == "yes":
            caught.reset()
            before = caught.state()
        else:
            assert caught.state() == before, found


def test_a_page_of_a_visit_that_is_over_reads_nothing(visitor: httpx.Client):
    """Its sessions would be those of another visitor."""
    owner = owner_of(next(iter(visitor.cookies.values())))
    for said, status in ((owner, 200), ("somebody-before", 403)):
        assert visitor.get("/api/v1/sessions", headers={"Page-Owner": said}).status_code == status
