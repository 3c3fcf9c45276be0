#!/usr/bin/env bash
# Make the machine ready: system packages that are missing, then the Python environment.
# Usage: setup.sh VENV   (from the project's folder)
set -euo pipefail
venv=$1
packages=()

# Liberation Serif 2 has all Vietnamese letters; version 1 (fonts-liberation before Debian 13) has not.
has_font() {
  local folders=/usr/share/fonts file=LiberationSerif-Regular.ttf version
  [ ! -e "$folders/truetype/liberation2/$file" ] || return 0
  if command -v dpkg-query >/dev/null; then
    version=$(dpkg-query -W -f '${Version}' fonts-liberation 2>/dev/null) || return 1
    dpkg --compare-versions "$version" ge 1:2 && [ -e "$folders/truetype/liberation/$file" ]
  else
    compgen -G "$folders/*liberation*/$file" >/dev/null
  fi
}
has_vie() { command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx vie; }
python=
for candidate in python3 python3.13 python3.12 python3.11; do
  if command -v "$candidate" >/dev/null &&
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || packages+=(python3 python3-venv)
has_vie || packages+=(tesseract-ocr tesseract-ocr-vie)
has_font || packages+=(fonts-liberation2)
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)

if [ ${#packages[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "Thiếu các gói: ${packages[*]}. Hệ thống này không có apt-get: hãy cài chúng (Python ≥ 3.11," \
      "tesseract với ngôn ngữ vie, phông Liberation Serif) rồi chạy lại." >&2
    exit 6
  fi
  sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Cần quyền quản trị để cài: ${packages[*]}. Chạy lại với root hoặc cài sudo." >&2
      exit 6
    }
    sudo=(sudo)
  fi
  echo "Cài gói hệ thống: ${packages[*]}"
  # A source of others that does not answer is no reason to stop: the installation itself tells.
  "${sudo[@]}" apt-get update -qq || true
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || {
    echo "Không cài được: ${packages[*]}. Cài chúng bằng tay rồi chạy lại." >&2
    exit 6
  }
  python=${python:-python3}
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Cần Python ≥ 3.11; ở đây là $("$python" --version). Cài bản mới hơn (python3.11 và" \
    "python3.11-venv, hoặc Debian 12 trở lên) rồi chạy lại." >&2
  exit 6
}

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
  echo "Tạo môi trường Python trong $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi
echo "Cài thư viện theo requirements.lock (lần đầu mất một hai phút)"
# The lock is complete; with resolving on, older pips reject an extra whose newest release is not locked.
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
