"""Run by the validator's own Python: judge a package, print what is wrong as JSON.

eark-validator 1.1.3 asks the web for its vocabularies when it is imported; it carries the same
files, and those are handed to it here, so that nothing leaves the machine.
"""

import io
import json
import sys
import urllib.request
from importlib.resources import files
from pathlib import Path


def _carried(address, *_args, **_more):
    name = str(address).rpartition("/")[2]
    package = files("eark_validator.ipxml.resources.vocabs")
    return io.BytesIO(package.joinpath(name).read_bytes())


urllib.request.urlopen = _carried

from eark_validator.packages import PackageValidator  # noqa: E402

report = PackageValidator(Path(sys.argv[1])).validation_report
found = []
if report.structure:
    found += [
        ("structure", str(one.rule_id), str(one.severity), one.message)
        for one in report.structure.messages
    ]
if report.metadata:
    for part in (report.metadata.schema_results, report.metadata.schematron_results):
        found += [
            ("metadata", str(one.rule_id), str(one.severity), one.message) for one in part.messages
        ]
sys.stdout.write(json.dumps({"valid": bool(report.is_valid), "found": found}))
