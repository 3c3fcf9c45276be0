"""Other people's judges of packages for archives: a CSIP validator, and three schemas."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

_HERE = Path(__file__).resolve().parent
_CACHE = _HERE.parents[1] / ".cache" / "eark"
_PACKAGES = _CACHE / "packages"
_METS = "eark_validator/ipxml/resources/schema/mets.xsd"
SCHEMAS = {
    "METS": next(iter(_CACHE.glob(f"env/lib/python*/site-packages/{_METS}")), _CACHE / "none"),
    "PREMIS": _PACKAGES / "meemoo_sip_validator/assets/premis-3-0.xsd.xml",
    "EAD": _PACKAGES / "ead/management/commands/ead3.xsd",
}


def need_judges():
    """Skip, visibly, where tests/eark/fetch.sh was not run."""
    if not (_CACHE / "ready").is_file():
        pytest.skip("no E-ARK validator: run tests/eark/fetch.sh")


def judged(package):
    """What the validator says of a ZIP or a folder: valid or not, and every finding."""
    done = subprocess.run(
        [_CACHE / "env/bin/python", _HERE / "judge.py", package],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


def faults(package, name, standard):
    """What the standard's schema finds wrong with a file of the package."""
    with zipfile.ZipFile(package) as archive:
        document = etree.fromstring(archive.read(f"{package.stem}/{name}"))
    schema = etree.XMLSchema(etree.parse(SCHEMAS[standard], _offline()))
    schema.validate(document)
    return [error.message for error in schema.error_log]


class _Local(etree.Resolver):
    """Schemas that a schema names by their address on the web are those that lie beside it."""

    def resolve(self, url, _public, context):
        carried = {"xlink.xsd": "xlink-2.xsd.xml", "xml.xsd": "xml.xsd.xml"}
        name = carried.get(str(url).rpartition("/")[2])
        if str(url).startswith("http") and name:
            return self.resolve_filename(str(SCHEMAS["PREMIS"].with_name(name)), context)
        return None


def _offline():
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Local())
    return parser
