"""METS of a package (E-ARK CSIP and SIP 2.1, https://dilcis.eu): what is where, and its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.archival import PackagedDossier, PackagedFile
from tasks.sip_xml import METS, SPACES, Tree, moment, proof, root, to_bytes

SIP_PROFILE = "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml"
CSIP_PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
REPRESENTATION = "rep1"
_CONTENT = "sohoa.record/1"
_DATA = f"Representations/{REPRESENTATION}"


class Described(NamedTuple):
    """A metadata file and the standard that it follows."""

    file: PackagedFile
    standard: str
    version: str = ""


def package_mets(
    dossier: PackagedDossier,
    described: Described,
    preserved: Described,
    groups: Mapping[str, Sequence[PackagedFile]],
    representation: PackagedFile,
) -> bytes:
    """METS.xml at the root: metadata, documentation, schemas, and where the representation is."""
    mets = _root(dossier, dossier.package_id, SIP_PROFILE)
    _header(mets, dossier)
    _metadata(mets.add("dmdSec", ID="dmd-ead", **_current(described)), described)
    _provenance(mets, preserved)
    files = mets.add("fileSec", ID="files")
    for use, members in groups.items():
        _group(files, use, members)
    _group(files, _DATA, [representation])
    whole = _structure(mets, dossier.package_id)
    whole.add("div", ID="div-metadata", LABEL="Metadata", ADMID="amd-premis", DMDID="dmd-ead")
    for use in groups:
        part = whole.add("div", ID=f"div-{use.lower()}", LABEL=use)
        part.add("fptr", FILEID=_group_id(use))
    parts = whole.add("div", ID="div-representations", LABEL="Representations")
    parts.add("fptr", FILEID=_group_id(_DATA))
    one = parts.add("div", ID="div-rep1", LABEL=_DATA)
    link = {"xlink_href": representation.path, "xlink_title": _group_id(_DATA)}
    one.add("mptr", LOCTYPE="URL", xlink_type="simple", **link)
    return to_bytes(mets)


def representation_mets(
    dossier: PackagedDossier, described: Sequence[Described], preserved: Described
) -> bytes:
    """METS.xml of the representation; paths are relative to its own folder."""
    mets = _root(dossier, REPRESENTATION, CSIP_PROFILE)
    _header(mets, dossier)
    for number, one in enumerate(described, start=1):
        _metadata(mets.add("dmdSec", ID=f"dmd-{number}", **_current(one)), one)
    _provenance(mets, preserved)
    files = mets.add("fileSec", ID="files")
    _group(files, "Data", [_inside(paper.file) for paper in dossier.papers])
    whole = _structure(mets, REPRESENTATION)
    names = " ".join(f"dmd-{number}" for number in range(1, len(described) + 1))
    whole.add("div", ID="div-metadata", LABEL="Metadata", ADMID="amd-premis", DMDID=names)
    whole.add("div", ID="div-data", LABEL="Data").add("fptr", FILEID=_group_id("Data"))
    return to_bytes(mets)


def inside(described: Described) -> Described:
    """The same with its path relative to the representation."""
    return described._replace(file=_inside(described.file))


def _inside(file: PackagedFile) -> PackagedFile:
    path = file.path.removeprefix(f"representations/{REPRESENTATION}/")
    return file.model_copy(update={"path": path})


def _root(dossier: PackagedDossier, object_id: str, profile: str) -> Tree:
    return root(
        "mets",
        METS,
        SPACES,
        OBJID=object_id,
        LABEL=dossier.title,
        TYPE="Textual works – Digital",
        PROFILE=profile,
        csip_CONTENTINFORMATIONTYPE="MIXED",
    )


def _header(mets: Tree, dossier: PackagedDossier) -> None:
    at = moment(dossier.created)
    header = mets.add(
        "metsHdr",
        CREATEDATE=at,
        LASTMODDATE=at,
        RECORDSTATUS="NEW",
        csip_OAISPACKAGETYPE="SIP",
    )
    name, _, version = dossier.software.partition(" ")
    maker = header.add("agent", ROLE="CREATOR", TYPE="OTHER", OTHERTYPE="SOFTWARE")
    maker.add("name", name)
    maker.add("note", version or "0", csip_NOTETYPE="SOFTWARE VERSION")
    archivist = header.add("agent", ROLE="ARCHIVIST", TYPE="ORGANIZATION")
    archivist.add("name", dossier.agency)
    header.add("altRecordID", dossier.code, TYPE="REFERENCECODE")


def _current(described: Described) -> dict[str, str]:
    return {"CREATED": moment(described.file.created), "STATUS": "CURRENT"}


def _metadata(section: Tree, described: Described) -> None:
    known = described.standard in {"EAD", "PREMIS"}
    kind = {"MDTYPE": described.standard if known else "OTHER"}
    if not known:
        kind["OTHERMDTYPE"] = described.standard
    if described.version:
        kind["MDTYPEVERSION"] = described.version
    section.add(
        "mdRef",
        LOCTYPE="URL",
        xlink_type="simple",
        xlink_href=described.file.path,
        MIMETYPE=described.file.media_type,
        **kind,
        **proof(described.file),
    )


def _provenance(mets: Tree, preserved: Described) -> None:
    section = mets.add("amdSec")
    _metadata(section.add("digiprovMD", ID="amd-premis", **_current(preserved)), preserved)


def _group(files: Tree, use: str, members: Sequence[PackagedFile]) -> None:
    group = files.add(
        "fileGrp",
        ID=_group_id(use),
        USE=use,
        csip_CONTENTINFORMATIONTYPE="OTHER",
        csip_OTHERCONTENTINFORMATIONTYPE=_CONTENT,
    )
    for number, member in enumerate(members, start=1):
        one = group.add(
            "file",
            ID=f"{_group_id(use)}-{number}",
            MIMETYPE=member.media_type,
            **proof(member),
        )
        one.add("FLocat", LOCTYPE="URL", xlink_type="simple", xlink_href=member.path)


def _structure(mets: Tree, label: str) -> Tree:
    structure = mets.add("structMap", ID="structure", TYPE="PHYSICAL", LABEL="CSIP")
    return structure.add("div", ID="div-package", LABEL=label)


def _group_id(use: str) -> str:
    return f"group-{use.lower().replace('/', '-')}"
