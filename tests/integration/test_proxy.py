"""The reverse proxy's example, run as it stands but for names, ports and certificates."""

import re
import shutil
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

import deployments
from tests.integration.conftest import wait_for
from tests.servers.postgres import free_port

pytestmark = pytest.mark.integration

EXAMPLE = Path(deployments.__file__).parent / "nginx" / "sohoa.conf"
COOKIE = "_oauth2_proxy"
OPERATORS, REVIEWERS, MACHINES = (f"{name}sohoa.example.gov.vn" for name in ("", "duyet.", "may."))
UPSTREAMS = {4200: "prefect", 4201: "preview", 4202: "api", 4203: "listener"}


@contextmanager
def _serving(answer):
    """A web server; `answer` gives status, headers and body for a request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _sign_on(request):
    """What oauth2-proxy answers: 202 and a name for a session, in the group that it is in."""
    session = request.headers.get("Cookie", "").partition(f"{COOKIE}=")[2]
    if session and session in request.path.partition("allowed_groups=")[2].split(","):
        return 202, {"X-Auth-Request-Preferred-Username": "thu.ha"}, b""
    return 401, {}, b""


def _echo(name):
    """A service that says who it is and what it was told about the person."""

    def answer(request):
        said = [request.headers.get(head, "-") for head in ("X-Sohoa-User", "Authorization")]
        return 200, {}, " ".join([name, *said]).encode()

    return answer


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """Ask the running example for a host and path: `proxy(host, path, headers)`."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    folder = tmp_path_factory.mktemp("nginx")
    key, certificate, auth = folder / "key.pem", folder / "cert.pem", folder / "auth.conf"
    subject = ("-subj", "/CN=sohoa.example.gov.vn", "-days", "2", "-nodes")
    made = ("openssl", "req", "-x509", "-newkey", "ed25519", *subject)
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    auth.write_text('proxy_set_header Authorization "Basic c29ob2E6dGh1";\n', encoding="ascii")
    port = free_port()
    with ExitStack() as running:
        text = EXAMPLE.read_text(encoding="utf-8")
        for old, answer in {4180: _sign_on, **{o: _echo(n) for o, n in UPSTREAMS.items()}}.items():
            served = running.enter_context(_serving(answer))
            text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{served}")
        text = text.replace("/etc/ssl/certs/sohoa.pem", str(certificate))
        text = text.replace("/etc/ssl/private/sohoa.key", str(key))
        text = text.replace("/etc/nginx/sohoa-prefect-auth.conf", str(auth))
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        running.enter_context(_nginx(folder, text))
        context = httpx.create_ssl_context(verify=False)

        def ask(host, path="/", session=None, **headers):
            given = {"Host": host, **headers}
            if session:
                given["Cookie"] = f"{COOKIE}={session}"
            return httpx.get(f"https://127.0.0.1:{port}{path}", headers=given, verify=context)

        wait_for(lambda: _answers(ask), "nginx", 20)
        yield ask


@contextmanager
def _nginx(folder, site):
    places = " ".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder / 'pid'}; error_log {folder / 'log'};"
        f"events {{}} http {{ access_log off; {places} {site} }}",
        encoding="utf-8",
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers(ask):
    try:
        return ask(MACHINES).status_code == 404
    except httpx.HTTPError:
        return False


def test_nobody_reaches_operators_or_reviewers_pages_without_signing_on(proxy):
    """Nor with a session of the other group."""
    for host, other in ((OPERATORS, "sohoa-reviewers"), (REVIEWERS, "sohoa-operators")):
        for session in (None, other):
            assert proxy(host, session=session).status_code == 401


def test_the_server_s_password_is_the_proxy_s_business(proxy):
    said = proxy(OPERATORS, session="sohoa-operators", Authorization="Basic x").text
    assert said == "prefect - Basic c29ob2E6dGh1"


def test_a_reviewer_is_who_the_sign_on_says_not_who_the_browser_says(proxy):
    given = {"X-Sohoa-User": "truong.phong"}
    assert proxy(REVIEWERS, session="sohoa-reviewers", **given).text.startswith("preview thu.ha")


@pytest.mark.parametrize(
    ("path", "service"), [("/v1/health", "api"), ("/notices", "listener"), ("/metrics", "listener")]
)
def test_machines_reach_their_services_and_no_other(proxy, path, service):
    assert proxy(MACHINES, path).text.startswith(service)
    assert proxy(MACHINES, "/deployments").status_code == 404


def test_the_example_names_no_port_that_is_not_ours():
    """The example was changed in the right places only."""
    ports = set(map(int, re.findall(r"127\.0\.0\.1:(\d+)", EXAMPLE.read_text(encoding="utf-8"))))
    assert ports == {*UPSTREAMS, 4180}
