#!/usr/bin/env bash
# Make sure that Ceph's S3 gateway is installed: Debian's own packages, without what they recommend.
set -euo pipefail
packages=(ceph-mon ceph-osd radosgw ceph-common)
missing=()
for program in ceph-mon ceph-osd radosgw ceph; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0
advice="Cài rồi chạy lại: apt-get install --no-install-recommends ${packages[*]}"
command -v apt-get >/dev/null || {
  echo "Thiếu máy chủ S3 (${missing[*]}) và không có apt-get. $advice" >&2
  exit 6
}
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "Thiếu máy chủ S3 (${missing[*]}) và không có quyền cài. $advice" >&2
    exit 6
  }
  sudo=(sudo)
fi
echo "Cài gói hệ thống: ${packages[*]} (khoảng 400 MB)"
"${sudo[@]}" apt-get update -qq || true
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${packages[@]}" >/dev/null || {
  echo "Không cài được máy chủ S3. $advice" >&2
  exit 6
}
