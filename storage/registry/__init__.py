"""The registry (sổ đăng ký): what was received, where each paper is, who did what.

Plain functions over a SQLAlchemy connection, so that a caller puts a change of state and its
audit row into one transaction:

    with registry.begin() as db:
        papers.mark_signed(db, ...)
        audit.append(db, ...)

SQLite and PostgreSQL run the same statements.
"""
