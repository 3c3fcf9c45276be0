"""Everything that touches foreign bytes: opening, page images, OCR, the two-layer PDF/A.

All of it runs in child processes with limits (`reading.pool`); nothing here knows Prefect.
"""
