"""What may be appended after a signature without touching what was signed."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    CatalogModificationRule,
    DocInfoRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    ReferenceUpdate,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules_api import Context

__all__ = ["POLICY"]

_STORE = frozenset({"/Certs", "/CRLs", "/OCSPs"})
_ENTRY = frozenset({"/Cert", "/CRL", "/OCSP"})
_ENTRY_NAME = re.compile(r"/[0-9A-F]{40}")


class StoreRule(WhitelistRule):
    """Allows any change inside the document security store (ISO 32000-2, 12.8.4.3).

    Certificates and revocation data may be added or replaced at any time (PAdES, ETSI EN 319
    142-1, 5.4); pyHanko's own rule refuses entries (VRI) that change, as other makers' do when
    a file is renewed. The store must stay one: the keys of the standard only, and no object that
    anything outside it uses.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        """The objects of the store that may differ. Raises SuspiciousModification."""
        if "/DSS" not in new.root:
            if "/DSS" in old.root:
                raise SuspiciousModification("the document security store was removed")
            return
        before: dict[generic.Reference, list[_Place]] = {}
        if "/DSS" in old.root:
            for place in _places(old.root):
                before.setdefault(place.reference, []).append(place)
        for place in _places(new.root):
            if old.is_ref_unassignable(place.reference):
                yield ReferenceUpdate(place.reference)
                continue
            if place.reference not in before:
                raise SuspiciousModification(f"{place.reference} was no part of the store before")
            if place.is_stream:
                continue  # evidence is replaced by new objects, never in place
            for earlier in before[place.reference]:
                context = Context.from_absolute(old, RawPdfPath(*earlier.path))
                yield ReferenceUpdate(place.reference, context_checked=context)


class _Place(NamedTuple):
    """An indirect object of the store, and how it is reached from the trailer."""

    reference: generic.Reference
    path: tuple[str | int, ...]
    is_stream: bool


def _places(root: generic.DictionaryObject) -> Iterator[_Place]:
    """Every indirect object of a store; SuspiciousModification where it is malformed."""
    path = ("/Root", "/DSS")
    store = yield from _dictionary(root, "/DSS", path)
    _only(store, _STORE | {"/Type", "/VRI"})
    yield from _evidence(store, _STORE, path)
    if "/VRI" not in store:
        return
    entries = yield from _dictionary(store, "/VRI", (*path, "/VRI"))
    for name in entries:
        if not _ENTRY_NAME.fullmatch(str(name)):
            raise SuspiciousModification(f"{name} names no signature")
        inside = (*path, "/VRI", str(name))
        entry = yield from _dictionary(entries, name, inside)
        _only(entry, _ENTRY | {"/Type", "/TU", "/TS"})
        yield from _evidence(entry, _ENTRY, inside)
        if "/TS" in entry:
            yield from _stream(entry.raw_get("/TS"), (*inside, "/TS"))


def _dictionary(
    holder: generic.DictionaryObject, name: str, path: tuple[str | int, ...]
) -> Generator[_Place, None, generic.DictionaryObject]:
    value = holder.raw_get(name)
    if isinstance(value, generic.IndirectObject):
        yield _Place(value.reference, path, is_stream=False)
        value = _resolved(value)
    if not isinstance(value, generic.DictionaryObject) or isinstance(value, generic.StreamObject):
        raise SuspiciousModification(f"{name} is no dictionary")
    return value


def _evidence(
    holder: generic.DictionaryObject, names: Iterable[str], path: tuple[str | int, ...]
) -> Iterator[_Place]:
    for name in names:
        if name not in holder:
            continue
        value = holder.raw_get(name)
        if isinstance(value, generic.IndirectObject):
            yield _Place(value.reference, (*path, name), is_stream=False)
            value = _resolved(value)
        if not isinstance(value, generic.ArrayObject):
            raise SuspiciousModification(f"{name} is no array")
        for index in range(len(value)):
            yield from _stream(value.raw_get(index), (*path, name, index))


def _stream(value: generic.PdfObject, path: tuple[str | int, ...]) -> Iterator[_Place]:
    if not isinstance(value, generic.IndirectObject) or not isinstance(
        _resolved(value), generic.StreamObject
    ):
        raise SuspiciousModification(f"{path[-1]} is no stream")
    yield _Place(value.reference, path, is_stream=True)


def _resolved(reference: generic.IndirectObject) -> generic.PdfObject:
    found: generic.PdfObject = reference.get_object()  # type: ignore[no-untyped-call]
    return found


def _only(dictionary: generic.DictionaryObject, names: frozenset[str]) -> None:
    strange = set(dictionary) - names
    if strange:
        raise SuspiciousModification(f"unexpected in the store: {sorted(strange)}")


POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (
                DocInfoRule(),
                XrefStreamRule(),
                ObjectStreamRule(),
                StoreRule(),
                MetadataUpdateRule(),  # type: ignore[no-untyped-call]
            )
        ),
    ],
    form_rule=DEFAULT_DIFF_POLICY.form_rule,
)
"""pyHanko's rules, except for the document security store."""
