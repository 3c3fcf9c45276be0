#!/usr/bin/env bash
# Runs inside the minimal system: what a newcomer does, and what must come of it.
# Usage: newcomer.sh REPOSITORY root|user   (user: an ordinary account with sudo)
set -euo pipefail
repository=$1 account=$2

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'HỎNG: %s\n' "$*" >&2; exit 1; }
packages() { dpkg-query -W -f '${Package}\n' | sort; }

say "Máy trống: chưa có Python, tesseract, phông, locale"
for program in python3 tesseract locale-gen; do
  ! command -v "$program" >/dev/null || fail "$program đã có sẵn"
done
[ ! -d /usr/share/fonts ] || fail "đã có phông chữ"
[ -z "${LANG:-}${LC_ALL:-}" ] || fail "đã đặt locale"
packages >/tmp/before

if [ "$account" = user ] && [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo >/dev/null 2>&1
  useradd --create-home --shell /bin/bash newcomer
  echo 'newcomer ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/newcomer
  rm /tmp/before
  exec setpriv --reuid newcomer --regid newcomer --init-groups \
    env HOME=/home/newcomer USER=newcomer bash "$0" "$repository" user
fi

git config --global --add safe.directory '*' # the repository lent by the host has another owner
git clone -q "$repository" "$HOME/sohoa"
cd "$HOME/sohoa"
make help

if [ "$account" = root ]; then
  say "Không có quyền quản trị: nói rõ cần cài gì, mã thoát 6"
  status=0
  said=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
    bash -s /tmp/nobody-venv <deployments/setup.sh 2>&1) || status=$?
  echo "$said"
  [ "$status" -eq 6 ] || fail "mã thoát $status"
  for package in python3 python3-venv tesseract-ocr tesseract-ocr-vie fonts-liberation2; do
    [[ " $said " == *[\ :]"$package"[\ .]* ]] || fail "không nêu gói $package"
  done
fi

say "make demo"
since=$SECONDS
make demo
first=$((SECONDS - since))
packages >/tmp/after
figure() { .venv/bin/python -c \
  'import json,sys; v=json.load(open("var/demo/summary.json"))
for key in sys.argv[1].split("."): v=v[key]
print(v)' "$1"; }
archived=$(figure papers.archived)
total=$(figure scans.total)
[ "$archived" -ge 8 ] || fail "chỉ $archived giấy tờ được lưu trữ"
[ "$(($(figure scans.done) + $(figure scans.review) + $(figure scans.set_aside) + \
  $(figure scans.duplicate) + $(figure scans.already)))" -eq "$total" ] || fail "các trạng thái không cộng thành tổng"
objects() { find var/demo/store/archive -name inventory.json -path '*/v*/inventory.json' | wc -l; }
before=$(objects)

say "sohoa doctor: mọi phần cần thiết đều có"
SOHOA_HOME=$PWD/var/demo .venv/bin/sohoa doctor
.venv/bin/python -c 'import tesserocr' || fail "tesserocr không nạp được trên máy trống"

say "make demo lần nữa: cài đặt vài giây, không xử lý gì hai lần"
since=$SECONDS
make setup
again=$((SECONDS - since))
[ "$again" -le 10 ] || fail "cài đặt lại mất $again giây"
make demo
[ "$(figure scans.done)" -eq 0 ] || fail "lần hai vẫn xử lý $(figure scans.done) bản quét"
[ "$(figure scans.already)" -gt 0 ] || fail "lần hai không nhận ra bản quét đã xong"
[ "$(figure scans.total)" -eq "$total" ] || fail "lần hai đếm $(figure scans.total) bản quét, lần đầu $total"
[ "$(objects)" -eq "$before" ] || fail "kho lưu trữ thay đổi ở lần hai"

say "make test"
tested=0
make test || tested=$?

say "Kết quả"
echo "make demo lần đầu: $first giây (gồm cài đặt); cài đặt lại: $again giây; $archived giấy tờ được lưu trữ"
echo "Gói hệ thống đã cài thêm ($(comm -13 /tmp/before /tmp/after | wc -l)):" $(comm -13 /tmp/before /tmp/after)
[ "$tested" -eq 0 ] || fail "make test: mã thoát $tested"
