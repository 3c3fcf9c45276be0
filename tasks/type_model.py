"""The light classifier of types: character n-grams, TF-IDF, one linear layer.

It is kept as plain arrays (`.npz` without pickled objects) under its SHA-256, so that loading one
runs no code, and one that was changed is not loaded.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from domain.errors import IntegrityFault
from domain.learning import Example, Trial, learning_text

_FEATURES = 2**15
_NGRAMS = (3, 5)


@dataclass(frozen=True)
class TypeModel:
    """Weights by n-gram and type."""

    types: tuple[str, ...]
    idf: Any
    weights: Any
    bias: Any

    def probabilities(self, texts: Sequence[str]) -> Any:
        """Rows of texts, columns of `types`; each row sums to 1."""
        from sklearn.preprocessing import normalize  # type: ignore[import-untyped]

        counts = normalize(_counts(texts).multiply(self.idf).tocsr())
        scores = np.asarray(counts @ self.weights.T) + self.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def guess(self, text: str) -> tuple[str, float]:
        """The likeliest type and its probability (0–1)."""
        row = self.probabilities([text])[0]
        best = int(row.argmax())
        return self.types[best], float(row[best])

    def tried(self, examples: Sequence[Example]) -> Trial:
        """How many of these it gets right."""
        if not examples:
            return Trial(0, 0)
        best = self.probabilities([one.text for one in examples]).argmax(axis=1)
        right = sum(self.types[at] == one.type_id for at, one in zip(best, examples, strict=True))
        return Trial(right, len(examples))


def train(examples: Sequence[Example]) -> TypeModel | None:
    """A model of these examples, the same for the same ones; None for fewer than two types."""
    from sklearn.feature_extraction.text import TfidfTransformer  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    if len({one.type_id for one in examples}) < 2:  # noqa: PLR2004 - nothing to tell apart
        return None
    weighing = TfidfTransformer()
    features = weighing.fit_transform(_counts([one.text for one in examples]))
    line = LogisticRegression(C=10.0, max_iter=300, class_weight="balanced")
    line.fit(features, [one.type_id for one in examples])
    weights, bias = line.coef_, line.intercept_
    if len(line.classes_) == 2:  # noqa: PLR2004 - sklearn keeps one row for two classes
        weights, bias = np.vstack((-weights / 2, weights / 2)), np.hstack((-bias / 2, bias / 2))
    return TypeModel(
        types=tuple(str(one) for one in line.classes_),
        idf=weighing.idf_.astype(np.float32),
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
    )


def dump(model: TypeModel) -> tuple[str, bytes]:
    """The model as bytes, and their SHA-256 in hex."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        types=np.array(model.types),
        idf=model.idf,
        weights=model.weights,
        bias=model.bias,
    )
    content = buffer.getvalue()
    return hashlib.sha256(content).hexdigest(), content


def load(digest: str, content: bytes) -> TypeModel:
    """The model with this digest; IntegrityFault for other bytes. Runs nothing that they hold."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise IntegrityFault("Mô hình phân loại không còn nguyên vẹn: chạy lại «sohoa learn».")
    return _arrays(content)


@lru_cache(maxsize=2)
def _arrays(content: bytes) -> TypeModel:
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return TypeModel(
            types=tuple(str(one) for one in kept["types"]),
            idf=kept["idf"],
            weights=kept["weights"],
            bias=kept["bias"],
        )


def _counts(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=_NGRAMS,
        n_features=_FEATURES,
        alternate_sign=False,
        norm=None,
    )
    return hashed.transform([learning_text(text) for text in texts])
