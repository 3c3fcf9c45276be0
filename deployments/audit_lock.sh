#!/usr/bin/env bash
# Known holes in the locked packages, by pip-audit (https://pypi.org/project/pip-audit/), which
# asks an advisory database on the net. What it could not ask about is never called safe: exit
# code 3, with how many packages that were.
# Usage: audit_lock.sh LOCK
set -euo pipefail
lock=$1
home=.cache/pip-audit
unknown() {
  echo "CHƯA kiểm tra được: $1 Không có nghĩa là an toàn; chạy lại ở máy có mạng." >&2
  exit 3
}
if [ ! -x "$home/bin/pip-audit" ]; then
  python3 -m venv "$home"
  "$home/bin/pip" install -q 'pip-audit>=2.7,<3' || {
    rm -rf "$home"
    unknown "không cài được pip-audit."
  }
fi
said=$(mktemp)
trap 'rm -f "$said"' EXIT
code=0
"$home/bin/pip-audit" --requirement "$lock" --no-deps --disable-pip --timeout 20 >"$said" 2>&1 || code=$?
if grep -qE '(PYSEC|GHSA|CVE)-' "$said"; then
  cat "$said"
  echo "Có gói trong $lock mang lỗ hổng đã biết: nâng phiên bản rồi tạo lại tệp khóa." >&2
  exit 1
fi
skipped=$(grep -c 'could not be audited' "$said" || true)
[ "$skipped" -eq 0 ] || unknown "cơ sở dữ liệu lỗ hổng không trả lời về $skipped gói."
[ "$code" -eq 0 ] || { tail -n 3 "$said" >&2; unknown "pip-audit không xong."; }
echo "Không gói nào trong $lock có lỗ hổng đã biết."
