"""`python -m deployments.cli` is `sohoa`."""

from deployments.cli.main import main

main()
