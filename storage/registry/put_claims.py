"""Who may put a key, where the S3 server cannot be trusted to take the first one only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from storage.registry.once import insert_new
from storage.registry.schema import put_claims

_FORGOTTEN = timedelta(hours=1)
"""After which a claim counts as that of a process that died before it wrote."""


def claim(db: Connection, place: str, digest: str, *, at: datetime) -> str:
    """Claim a place for these bytes unless it is claimed; the digest that may be put there."""
    if insert_new(db, put_claims, place=place, digest=digest, claimed_at=at):
        return digest
    query = select(put_claims.c.digest).where(put_claims.c.place == place)
    return str(db.execute(query).scalar_one())


def take_over(db: Connection, place: str, digest: str, *, at: datetime) -> bool:
    """Claim a place that somebody claimed long ago and never wrote to; whether it is ours now."""
    statement = (
        update(put_claims)
        .where(put_claims.c.place == place, put_claims.c.claimed_at < at - _FORGOTTEN)
        .values(digest=digest, claimed_at=at)
    )
    return db.execute(statement).rowcount == 1


def release(db: Connection, place: str) -> None:
    """Give a place up; quiet where nobody claimed it."""
    db.execute(put_claims.delete().where(put_claims.c.place == place))
