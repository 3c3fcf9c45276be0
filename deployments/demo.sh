#!/usr/bin/env bash
# The demo: draw a sample lot, bring in its figures, digitize it, show what came of it.
# Usage: SOHOA_HOME=… demo.sh BIN   (BIN: the folder of the environment's programs)
set -euo pipefail
bin=$1
lot=$SOHOA_HOME/lot
mkdir -p "$SOHOA_HOME"
# The settings of a real installation must not reach the demo: its papers are invented.
for name in ${!SOHOA_@} ${!PREFECT_@}; do
  [ "$name" = SOHOA_HOME ] || unset "$name"
done
touch "$SOHOA_HOME/sohoa.toml"
export SOHOA_CONFIG="$SOHOA_HOME/sohoa.toml" PREFECT_HOME="$SOHOA_HOME/prefect"
export SOHOA_OFFICER_NAME="Nguyễn Văn An" SOHOA_AGENCY_NAME="UBND tỉnh (thử nghiệm)"

echo "Lô mẫu (giấy tờ và người đều là bịa; vẽ một lần, lần sau dùng lại):"
"$bin/python" -m deployments.samples "$lot"
"$bin/sohoa" import figures "$lot/figures.csv"
"$bin/sohoa" digitize "$lot" --summary "$SOHOA_HOME/summary.json"
echo "Tổng kết dạng JSON: $SOHOA_HOME/summary.json"
echo "Để dùng lệnh sohoa trên kết quả này: export SOHOA_HOME=$SOHOA_HOME PATH=$bin:\$PATH"
