#!/usr/bin/env bash
# The demo: draw a sample lot, bring in its figures, digitize it, show what came of it.
# Usage: SOHOA_HOME=… demo.sh BIN [LEVEL]   (BIN: the folder of the environment's programs;
# LEVEL: B-T, B-LT or B-LTA sign with an authority of the tests' own, on loopback)
set -euo pipefail
bin=$1
level=${2:-}
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
  server=$!
  trap 'kill "$server"' EXIT
  for _ in $(seq 300); do
    ! grep -q TSA "$authority/settings" || break
    kill -0 "$server"
    sleep 0.1
  done
  . "$authority/settings"
  export SOHOA_SIGNATURES__LEVEL=$level
fi

echo "Lô mẫu (giấy tờ và người đều là bịa; vẽ một lần, lần sau dùng lại):"
"$bin/python" -m deployments.samples "$lot"
"$bin/sohoa" import figures "$lot/figures.csv"
"$bin/sohoa" digitize "$lot" --summary "$SOHOA_HOME/summary.json"
echo "Tổng kết dạng JSON: $SOHOA_HOME/summary.json"
echo "Để dùng lệnh sohoa trên kết quả này: export SOHOA_HOME=$SOHOA_HOME PATH=$bin:\$PATH"
[ -z "$level" ] || echo "và, để kiểm chữ ký theo tổ chức chứng thực của demo: source $authority/settings"
