"""EAD3 and PREMIS 3 of a package: what the dossier is, and what was done to its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.archival import ArchivalLists, PackagedDossier, PackagedPaper
from tasks.sip_mets import REPRESENTATION
from tasks.sip_xml import EAD, PREMIS, XLINK, XSI, Tree, moment, root, to_bytes

_PDF_REGISTRY = "https://www.nationalarchives.gov.uk/PRONOM/fmt/477"  # PDF/A-2b
_LOCAL = "local"


def ead(dossier: PackagedDossier, lists: ArchivalLists) -> bytes:
    """EAD3 of the dossier and its papers (https://www.loc.gov/ead/).

    What the archive's own data model asks beyond EAD stands in `odd`, `localtype` naming it.
    """
    tree = root("ead", EAD, {None: EAD})
    _control(tree, dossier)
    whole = tree.add("archdesc", level="file")
    did = whole.add("did")
    did.add("unitid", dossier.code, localtype="arcFileCode")
    did.add("unitid", dossier.dossier, localtype="maHoSo")
    did.add("unittitle", dossier.title)
    if dossier.first_day and dossier.last_day:
        span = did.add("unitdatestructured").add("daterange")
        for name, day in (("fromdate", dossier.first_day), ("todate", dossier.last_day)):
            span.add(name, f"{day:%d/%m/%Y}", standarddate=day.isoformat())
    did.add("langmaterial").add("language", "Tiếng Việt", langcode="vie")
    pages = sum(paper.pages for paper in dossier.papers)
    terms = sorted({paper.term_code for paper in dossier.papers})  # 01 is the longest
    facts = {
        "maintenance": terms[0],
        "mode": lists.access,
        "language": lists.language,
        "totalDoc": str(len(dossier.papers)),
        "numberOfPage": str(pages),
    }
    for name, value in facts.items():
        whole.add("odd", localtype=name).add("p", value)
    parts = whole.add("dsc")
    for paper in dossier.papers:
        _item(parts, paper, lists)
    return to_bytes(tree)


def _control(tree: Tree, dossier: PackagedDossier) -> None:
    control = tree.add("control")
    control.add("recordid", dossier.package_id)
    control.add("filedesc").add("titlestmt").add("titleproper", dossier.title)
    control.add("maintenancestatus", value="new")
    control.add("maintenanceagency").add("agencyname", dossier.agency)
    event = control.add("maintenancehistory").add("maintenanceevent")
    event.add("eventtype", value="created")
    at = moment(dossier.created)
    event.add("eventdatetime", at, standarddatetime=at)
    event.add("agenttype", value="machine")
    event.add("agent", dossier.software)


def _item(parts: Tree, paper: PackagedPaper, lists: ArchivalLists) -> None:
    item = parts.add("c", level="item")
    did = item.add("did")
    did.add("unitid", paper.code, localtype="docCode")
    if paper.number:
        did.add("unitid", paper.number, localtype="codeNumber")
    did.add("unittitle", paper.title)
    if paper.issued_on:
        day = paper.issued_on
        single = did.add("unitdatestructured").add("datesingle", f"{day:%d/%m/%Y}")
        single.element.set("standarddate", day.isoformat())
    if paper.issuer:
        did.add("origination").add("corpname").add("part", paper.issuer)
    href = {"href": paper.file.path, "linktitle": paper.code}
    did.add("dao", daotype="derived", **href)
    if paper.subject:
        item.add("scopecontent").add("p", paper.subject)
    facts = {
        "typeDoc": lists.type_code(paper.symbol),
        "maintenance": paper.term_code,
        "numberOfPage": str(paper.pages),
    }
    for name, value in facts.items():
        item.add("odd", localtype=name).add("p", value)


def premis(dossier: PackagedDossier, histories: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """PREMIS 3 of the representation: files, what was done to each, by whom.

    `histories`: events of each paper by its id, as its `events.json` has them.
    """
    spaces: dict[str | None, str] = {"premis": PREMIS, "xlink": XLINK, "xsi": XSI}
    tree = root("premis", PREMIS, spaces, version="3.0")
    whole = tree.add("object", xsi_type="premis:representation")
    _identified(whole, "objectIdentifier", REPRESENTATION)
    for paper in dossier.papers:
        _file(tree, paper)
    agents: dict[str, None] = {}
    for paper in dossier.papers:
        for event in histories.get(paper.id, ()):
            _event(tree, paper, event)
            agents[str(event["linkingAgent"])] = None
    for agent in agents:
        one = tree.add("agent")
        _identified(one, "agentIdentifier", agent)
        one.add("agentName", agent)
        one.add("agentType", "software" if "/" in agent or "sohoa" in agent else "person")
    return to_bytes(tree)


def _file(tree: Tree, paper: PackagedPaper) -> None:
    one = tree.add("object", xsi_type="premis:file")
    _identified(one, "objectIdentifier", paper.code)
    facts = one.add("objectCharacteristics")
    fixity = facts.add("fixity")
    fixity.add("messageDigestAlgorithm", "SHA-256")
    fixity.add("messageDigest", paper.file.sha256)
    facts.add("size", str(paper.file.size_bytes))
    form = facts.add("format")
    form.add("formatDesignation").add("formatName", paper.format)
    if paper.format == "PDF/A-2b":
        registry = form.add("formatRegistry")
        registry.add("formatRegistryName", "PRONOM")
        registry.add("formatRegistryKey", _PDF_REGISTRY.rpartition("PRONOM/")[2])
    one.add("originalName", paper.file.path.rpartition("/")[2])


def _event(tree: Tree, paper: PackagedPaper, event: Mapping[str, Any]) -> None:
    one = tree.add("event")
    _identified(one, "eventIdentifier", f"{paper.code}/{event['eventIdentifier']}")
    one.add("eventType", str(event["eventType"]))
    one.add("eventDateTime", str(event["eventDateTime"]))
    detail = json.dumps(event.get("eventDetail") or {}, ensure_ascii=False, sort_keys=True)
    one.add("eventDetailInformation").add("eventDetail", detail)
    one.add("eventOutcomeInformation").add("eventOutcome", str(event["eventOutcome"]))
    _identified(one, "linkingAgentIdentifier", str(event["linkingAgent"]))
    _identified(one, "linkingObjectIdentifier", paper.code)


def _identified(tree: Tree, kind: str, value: str) -> None:
    one = tree.add(kind)
    one.add(f"{kind}Type", _LOCAL)
    one.add(f"{kind}Value", value)
