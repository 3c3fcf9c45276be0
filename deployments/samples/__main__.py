"""`python -m deployments.samples FOLDER [--seed N]`: draw the sample lot."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deployments.samples.lot import draw_lot
from domain.errors import SohoaError


def main(arguments: list[str] | None = None) -> int:
    """Draw the lot, say what was drawn, and return the exit code (0, or the error family's)."""
    parser = argparse.ArgumentParser(
        prog="python -m deployments.samples",
        description="Vẽ lô giấy tờ mẫu (người và số liệu đều do chương trình tự đặt ra).",
    )
    parser.add_argument("folder", type=Path, help="thư mục nhận các tệp")
    parser.add_argument("--seed", type=int, default=2026, help="số khởi tạo (mặc định 2026)")
    options = parser.parse_args(arguments)
    try:
        truth = draw_lot(options.folder, seed=options.seed)
    except SohoaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    pages = sum(len(file.paper.pages) for file in truth.files)
    sys.stdout.write(f"{len(truth.files)} tệp, {pages} trang trong {options.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
