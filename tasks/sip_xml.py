"""Small pieces of the XML in packages for the archive: names, dates, references to files."""

from __future__ import annotations

from typing import Any

from lxml import etree

from domain.archival import PackagedFile

METS = "http://www.loc.gov/METS/"
XLINK = "http://www.w3.org/1999/xlink"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
SIP = "https://DILCIS.eu/XML/METS/SIPExtensionMETS"
PREMIS = "http://www.loc.gov/premis/v3"
EAD = "http://ead3.archivists.org/schema/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SPACES: dict[str | None, str] = {"mets": METS, "xlink": XLINK, "csip": CSIP, "sip": SIP}

Element = Any  # lxml tells no types


class Tree:
    """An element under construction in one namespace."""

    def __init__(self, element: Element, space: str) -> None:
        self.element = element
        self._space = space

    def add(self, name: str, text: str | None = None, **attributes: str) -> Tree:
        """A child element; attributes with `_` for `:` of a known prefix (`xlink_href`)."""
        child = etree.SubElement(self.element, f"{{{self._space}}}{name}")
        set_all(child, attributes)
        if text is not None:
            child.text = _printable(text)
        return Tree(child, self._space)


def root(name: str, space: str, spaces: dict[str | None, str], **attributes: str) -> Tree:
    """A root element in this namespace."""
    element = etree.Element(f"{{{space}}}{name}", nsmap=spaces)
    set_all(element, attributes)
    return Tree(element, space)


def set_all(element: Element, attributes: dict[str, str]) -> None:
    """Set attributes; `xlink_`, `csip_`, `sip_` and `xsi_` stand for namespaces."""
    spaces = {"xlink": XLINK, "csip": CSIP, "sip": SIP, "xsi": XSI}
    for name, value in attributes.items():
        prefix, _, rest = name.partition("_")
        full = f"{{{spaces[prefix]}}}{rest}" if prefix in spaces and rest else name
        element.set(full, _printable(value))


def to_bytes(tree: Tree) -> bytes:
    """The document, UTF-8 with a declaration."""
    return bytes(
        etree.tostring(tree.element, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    )


def proof(file: PackagedFile) -> dict[str, str]:
    """Size, time and checksum of a file, as METS wants them."""
    return {
        "SIZE": str(file.size_bytes),
        "CREATED": moment(file.created),
        "CHECKSUM": file.sha256,
        "CHECKSUMTYPE": "SHA-256",
    }


def moment(at: Any) -> str:
    """ISO 8601 with offset, to the second."""
    return str(at.isoformat(timespec="seconds"))


def _printable(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(char for char in text if char in "\t\n" or ord(char) >= ord(" "))
