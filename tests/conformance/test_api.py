"""Schemathesis judges the API by its own description."""

import pytest

schemathesis = pytest.importorskip("schemathesis")
from hypothesis import HealthCheck, settings  # noqa: E402

from deployments.api.app import app  # noqa: E402
from tasks.clients import add_client  # noqa: E402
from tests.store import archive_paper, installed  # noqa: E402

pytestmark = pytest.mark.conformance
SCHEMA = schemathesis.openapi.from_asgi("/v1/openapi.json", app)


@pytest.fixture(scope="module")
def token(tmp_path_factory, test_keys):
    """A client's token on an installation with two papers."""
    folder = tmp_path_factory.mktemp("api")
    with pytest.MonkeyPatch.context() as patch, installed(folder, patch, test_keys):
        archive_paper(1)
        archive_paper(2)
        yield add_client("schemathesis", per_minute=1_000_000, actor="thử")


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_address_does_what_its_description_says(case, token):
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
