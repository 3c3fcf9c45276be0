"""What a PDF carries besides pages: signatures and things that could act on their own."""

from __future__ import annotations

from typing import Any

_ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit_form",
    "/ImportData": "import_data",
    "/GoToR": "remote_go_to",
    "/GoToE": "embedded_go_to",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
}
_SUBTYPES = {
    "/FileAttachment": "embedded_file",
    "/RichMedia": "media",
    "/Screen": "media",
    "/Movie": "media",
    "/3D": "media",
}
_MAX_NESTING = 40


def active_content(pdf: Any) -> tuple[str, ...]:
    """Sorted words for every kind of script, action, attachment or form machine in the file."""
    found: set[str] = set()
    for item in pdf.objects:
        _collect(item, found, 0)
    return tuple(sorted(found))


def is_signed(pdf: Any) -> bool:
    """Whether any object is a signature dictionary with a byte range (ISO 32000-1, 12.8.1)."""
    import pikepdf

    return any(
        isinstance(item, pikepdf.Dictionary) and "/ByteRange" in item and "/Contents" in item
        for item in pdf.objects
    )


def needs_a_form_machine(pdf: Any) -> bool:
    """Whether the pages are only a stand-in until a viewer renders a dynamic XFA form."""
    return bool(pdf.Root.get("/NeedsRendering", False))


def _collect(item: Any, found: set[str], depth: int) -> None:
    """Look at one object and the direct objects inside it; references are visited on their own."""
    import pikepdf

    if depth > _MAX_NESTING or not isinstance(
        item, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array
    ):
        return
    if isinstance(item, pikepdf.Array):
        children = list(item.as_list())
    else:
        _judge(item, found)
        children = [value for _, value in item.items()]
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _collect(child, found, depth + 1)


def _judge(item: Any, found: set[str]) -> None:
    import pikepdf

    for key, words in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES)):
        value = item.get(key)
        if isinstance(value, pikepdf.Name) and str(value) in words:
            found.add(words[str(value)])
    if "/JS" in item:
        found.add("javascript")
    if "/EF" in item or "/EmbeddedFiles" in item:
        found.add("embedded_file")
    if "/XFA" in item:
        found.add("xfa")
