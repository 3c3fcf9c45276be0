#!/usr/bin/env bash
# The demo: draw a sample lot, bring in its figures, digitize it, show what came of it.
# Usage: SOHOA_HOME=… demo.sh BIN [LEVEL] [STORE]   (BIN: the folder of the environment's programs;
# LEVEL: B-T, B-LT or B-LTA sign with an authority of the tests' own, on loopback;
# STORE: s3 keeps everything on a Ceph RGW that is started for the demo and ended with it)
set -euo pipefail
bin=$1
level=${2:-}
store=${3:-}
servers=()
end_servers() { [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || true; }
trap end_servers EXIT
# Wait until a server has written its settings: FILE PID WORD
wait_for() {
  for _ in $(seq 900); do
    ! grep -q "$3" "$1" || return 0
    kill -0 "$2"
    sleep 0.1
  done
  echo "Máy chủ thử không khởi động được, xem $1" >&2
  return 5
}
lot=$SOHOA_HOME/lot
mkdir -p "$SOHOA_HOME"
# The settings of a real installation must not reach the demo: its papers are invented.
for name in ${!SOHOA_@} ${!PREFECT_@}; do
  [ "$name" = SOHOA_HOME ] || unset "$name"
done
touch "$SOHOA_HOME/sohoa.toml"
export SOHOA_CONFIG="$SOHOA_HOME/sohoa.toml" PREFECT_HOME="$SOHOA_HOME/prefect"
export SOHOA_OFFICER_NAME="Nguyễn Văn An" SOHOA_AGENCY_NAME="UBND tỉnh (thử nghiệm)"

if [ -n "$level" ]; then
  authority=$SOHOA_HOME/authority
  rm -rf "$authority"
  mkdir -p "$authority"
  "$bin/python" -m tests.servers.pki "$authority" >"$authority/settings" &
  servers+=($!)
  wait_for "$authority/settings" $! TSA
  . "$authority/settings"
  export SOHOA_SIGNATURES__LEVEL=$level
fi

if [ -n "$store" ]; then
  [ "$store" = s3 ] || {
    echo "STORE chỉ có thể là s3 (để trống: kho thư mục)." >&2
    exit 2
  }
  bash "$(dirname "$0")/need_rgw.sh"
  # The server keeps objects in memory: what an earlier demo archived is gone, so its registry goes too.
  find "$SOHOA_HOME" -mindepth 1 -maxdepth 1 ! -name lot ! -name authority -exec rm -rf {} +
  touch "$SOHOA_HOME/sohoa.toml"
  rgw=$(mktemp -d)
  trap 'end_servers; rm -rf "$rgw"' EXIT
  echo "Khởi động máy chủ S3 (Ceph RGW) trong bộ nhớ…"
  "$bin/python" -m tests.servers.rgw "$rgw" >"$rgw/settings" &
  servers+=($!)
  wait_for "$rgw/settings" $! LOCK
  . "$rgw/settings"
  "$bin/sohoa" doctor --init
fi

echo "Lô mẫu (giấy tờ và người đều là bịa; vẽ một lần, lần sau dùng lại):"
"$bin/python" -m deployments.samples "$lot"
"$bin/sohoa" import figures "$lot/figures.csv"
"$bin/sohoa" digitize "$lot" --summary "$SOHOA_HOME/summary.json"
if [ -n "$store" ]; then
  echo "Chạy lần hai: không giấy tờ nào được lưu trữ lại."
  "$bin/sohoa" digitize "$lot" | tail -n 3
  "$bin/sohoa" fixity
  echo "Kho S3 của demo mất khi demo kết thúc (nằm trong bộ nhớ)."
fi
echo "Tổng kết dạng JSON: $SOHOA_HOME/summary.json"
echo "Để dùng lệnh sohoa trên kết quả này: export SOHOA_HOME=$SOHOA_HOME PATH=$bin:\$PATH"
[ -z "$level" ] || echo "và, để kiểm chữ ký theo tổ chức chứng thực của demo: source $authority/settings"
