#!/usr/bin/env bash
# What a newcomer meets: `make demo` and `make test` on a minimal Debian 12 with make and git only.
# Usage: run.sh [--as-user] [REPOSITORY]   (root; debootstrap; default: this project as committed)
#   --as-user: sudo is added too, and the newcomer is an ordinary user who may use it
#
# The host's package settings (apt, pip, proxies, certificates) are lent to the new root as they
# are. Mounts and processes live in namespaces of their own, so they end with this script however
# it ends, and removing the folder afterwards can never reach through a mount.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=bookworm
ca_inside=/run/host-certificates.crt

account=root
[ "${1:-}" != --as-user ] || { account=user; shift; }

main() { # [REPOSITORY]
  [ "$(id -u)" -eq 0 ] || { echo "Cần chạy với root: dựng một Debian mới rồi chroot vào đó." >&2; exit 6; }
  for program in debootstrap unshare chroot; do
    command -v "$program" >/dev/null || { echo "Thiếu $program (gói debootstrap, util-linux)." >&2; exit 6; }
  done
  repository=$(cd "${1:-$here/../..}" && pwd)
  folder=$(mktemp -d "${TMPDIR:-/tmp}/sohoa-fresh.XXXXXX")
  child=
  trap 'finish' EXIT
  trap 'exit 130' INT TERM
  unshare --mount --propagation private --pid --fork --kill-child \
    bash "${BASH_SOURCE[0]}" --in-namespace "$folder/root" "$repository" "$account" &
  child=$!
  wait "$child"
}

finish() {
  # Killing `unshare` ends its child, the first process of the namespace, and so all others.
  [ -z "$child" ] || { kill -KILL "$child" && wait "$child"; } 2>/dev/null || true
  while grep -qsF "$folder" /proc/[0-9]*/mountinfo; do sleep 0.2; done
  rm -rf --one-file-system "$folder"
}

in_namespace() { # ROOT REPOSITORY ACCOUNT
  local root=$1
  repository=$2 account=$3
  build "$root"
  lend_settings "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mkdir -p "$root/mnt/project"
  mount --bind -o ro "$repository" "$root/mnt/project"
  install -m 755 "$here/newcomer.sh" "$root/mnt/"
  local settings=()
  mapfile -d '' -t settings < <(lent_variables)
  chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${settings[@]+"${settings[@]}"} bash /mnt/newcomer.sh /mnt/project "$account"
}

build() { # ROOT: Debian's smallest system, and make and git
  local mirror http_proxy=${http_proxy:-}
  mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$suite" '$1 == suite { print $2; exit }') || true
  eval "$(apt-config shell http_proxy Acquire::http::Proxy 2>/dev/null || true)"
  export http_proxy
  echo "== Dựng Debian ($suite) tối thiểu"
  debootstrap --variant=minbase --include=make,git "$suite" "$1" ${mirror:+"$mirror"} >"$1.log" 2>&1 ||
    { tail -20 "$1.log" >&2; return 1; }
}

lend_settings() { # ROOT: apt's and pip's settings, name resolution, certificates, local packages
  local root=$1 file place
  rm -f "$root/etc/apt/sources.list"
  for place in sources.list sources.list.d preferences preferences.d apt.conf apt.conf.d \
    auth.conf auth.conf.d keyrings trusted.gpg trusted.gpg.d; do
    [ ! -e "/etc/apt/$place" ] || { rm -rf "$root/etc/apt/$place" && cp -aL "/etc/apt/$place" "$root/etc/apt/"; }
  done
  cp -aLn /usr/share/keyrings/. "$root/usr/share/keyrings/" 2>/dev/null || true
  for file in /etc/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf"; do
    [ ! -f "$file" ] || install -D -m 600 "$file" "$root${file/#$HOME//root}"
  done
  for file in /etc/resolv.conf /etc/hosts; do [ ! -e "$file" ] || cp -L "$file" "$root$file"; done
  if [ -f "$(host_certificates)" ]; then
    install -D -m 644 "$(host_certificates)" "$root$ca_inside"
    echo "Acquire::https::CaInfo \"$ca_inside\";" >"$root/etc/apt/apt.conf.d/99host-certificates"
  fi
  # A folder of ready-made packages that pip is told of.
  for place in ${PIP_FIND_LINKS:-} ${PIP_CONFIG_FILE:-}; do
    [ ! -e "$place" ] || { mkdir -p "$root${place%/*}" && cp -aL "$place" "$root$place"; }
  done
}

lent_variables() { # NAME=VALUE, each ended by a null byte
  local name
  while read -r name; do
    case $name in
      PIP_CERT | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE) ;;
      PIP_* | http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY)
        printf '%s=%s\0' "$name" "${!name}" ;;
    esac
  done < <(compgen -e)
  [ ! -f "$(host_certificates)" ] || printf 'PIP_CERT=%s\0' "$ca_inside"
}

host_certificates() { echo "${PIP_CERT:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}"; }

if [ "${1:-}" = --in-namespace ]; then in_namespace "$2" "$3" "$4"; else main "$@"; fi
