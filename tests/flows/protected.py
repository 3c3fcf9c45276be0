"""What protects archived papers, seen and brought near its end; services as if just started."""

import json
from datetime import timedelta

from domain.identity import paper_object_id
from signing import timestamps, validation_data
from storage.registry import protections
from tasks.house import house


def authority_settings(pki):
    """The environment of an installation with keys of that authority and two that stamp times."""
    found = {
        "SOHOA_KEYS__TRUST_ROOTS": json.dumps([str(root) for root in pki.roots]),
        "SOHOA_SIGNATURES__TSA": json.dumps(pki.tsa_urls),
    }
    for role in ("AGENCY", "OFFICER", "CERTIFIER"):
        key = pki.signer(role.lower())
        found[f"SOHOA_KEYS__{role}__KIND"] = "pkcs12"
        found[f"SOHOA_KEYS__{role}__PATH"] = str(key.path)
        found[f"SOHOA_KEYS__{role}__PASSPHRASE_FILE"] = str(key.passphrase_file)
    return found


def forget_services():
    """Forget what time stamps and responders answered before."""
    timestamps.forget()
    validation_data.forget()


def record_of(paper_id, version=None):
    """The record of a paper or copy in the archive."""
    content = house().archive.read(paper_object_id(paper_id), "record.json", version=version)
    return json.loads(content)


def protection_of(paper_id):
    """What the registry says of a paper's protection."""
    with house().registry.read() as db:
        return dict(protections.of(db, paper_id))


def ends_in(paper_id, *, days, copy=False):
    """As if the authority's certificate ended then: waiting for 2040 would take too long."""
    with house().registry.begin() as db:
        until = house().now() + timedelta(days=days)
        protections.change(db, paper_id, copy=copy, until=until)
