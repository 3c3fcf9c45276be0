"""Run the preview with uvicorn."""

from __future__ import annotations

from urllib.parse import urlsplit

from tasks.house import house


def serve(host: str = "127.0.0.1", port: int | None = None) -> None:
    """Listen until Ctrl-C; by default on the loopback address, at the port of `review.url`.

    Behind a reverse proxy give the port that the proxy passes on to.
    """
    import uvicorn

    from deployments.preview.app import app

    here = house()
    here.prepare()
    try:
        chosen = port or urlsplit(here.settings.review.url).port or 4201
        uvicorn.run(app, host=host, port=chosen, log_level="warning", access_log=False)
    finally:
        here.close()
