# sohoa – `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready
LEVEL :=
STORE :=
DEMO_HOME := $(CURDIR)/var/demo$(LEVEL:%=-%)$(STORE:%=-%)
export LANG := C.UTF-8
export PYTHONUTF8 := 1

.PHONY: help
help: ## Danh sách lệnh
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-16s %s\n' "$$name" "$$text"; done

.PHONY: setup
setup: $(READY) ## Cài gói hệ thống còn thiếu và môi trường Python
	@:

$(READY): requirements.lock pyproject.toml deployments/setup.sh
	@bash deployments/setup.sh $(VENV)
	@touch $@

.PHONY: demo
demo: setup ## Vẽ lô mẫu, số hóa trọn vẹn, hiện kết quả (LEVEL=B-LT: có dấu thời gian; STORE=s3: trên Ceph RGW)
	@SOHOA_HOME=$(DEMO_HOME) bash deployments/demo.sh $(BIN) "$(LEVEL)" "$(STORE)"

.PHONY: test
test: setup ## Chạy các phép thử (không cần máy chủ)
	@$(BIN)/python -m pytest -q -n $$(nproc) --dist loadfile --ignore tests/faults -m "not integration and not conformance"

.PHONY: test-all
test-all: setup ## Mọi phép thử, kể cả với máy chủ thật và bộ kiểm tra ngoài
	@$(BIN)/python -m pytest -q

.PHONY: lint
lint: setup ## ruff, mypy, import-linter
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

.PHONY: bench
bench: setup ## Đo tốc độ cả dây chuyền so với vòng lặp tesseract
	@$(BIN)/python -m benchmarks.line

OCRMYPDF := .cache/ocrmypdf/bin/ocrmypdf

$(OCRMYPDF): | setup
	@$(BIN)/python -m venv .cache/ocrmypdf && .cache/ocrmypdf/bin/pip install -q 'ocrmypdf>=17,<18'

.PHONY: bench-read
bench-read: setup $(OCRMYPDF) ## Đo tốc độ đọc so với tesseract và OCRmyPDF (cần ghostscript)
	@$(BIN)/python -m benchmarks.read

.PHONY: bench-thresholds
bench-thresholds: setup ## Hiệu chỉnh ngưỡng tin cậy trên bộ giấy tờ riêng (mười lăm phút)
	@$(BIN)/python -m benchmarks.fields --set calibration --docs docs/accuracy.md

.PHONY: bench-accuracy
bench-accuracy: setup ## Đo độ đúng: nhận dạng, xoay trang, chữ viết tay, loại và trường, dấu mật (nửa giờ)
	@$(BIN)/python -m benchmarks.accuracy
	@$(BIN)/python -m benchmarks.fields --json .cache/fields.json --docs docs/accuracy.md
	@$(BIN)/python -m benchmarks.secrecy

PYHANKO := .cache/pyhanko/bin/pyhanko

$(PYHANKO): | setup
	@$(BIN)/python -m venv .cache/pyhanko && .cache/pyhanko/bin/pip install -q 'pyhanko-cli>=0.4,<1' 'pyHanko==0.38.0'

.PHONY: bench-sign
bench-sign: setup $(PYHANKO) ## Đo tốc độ ký số (B-B, B-T, B-LT; PKCS#12, SoftHSM)
	@$(BIN)/python -m benchmarks.sign --docs docs/signing-speed.md

.PHONY: bench-upload
bench-upload: setup ## Đo từ lúc tải lên một trang đến khi lưu trữ (tiến trình nóng và nguội)
	@$(BIN)/python -m benchmarks.upload --write
	@$(BIN)/python -m benchmarks.upload --write --cold --uploads 10

.PHONY: bench-preserve
bench-preserve: setup ## Đo gia hạn dấu thời gian
	@$(BIN)/python -m benchmarks.sign --preserve

.PHONY: bench-find
bench-find: setup ## Đo API và tìm toàn văn ở 1.000.000 giấy tờ, trên SQLite và PostgreSQL (nửa giờ)
	@$(BIN)/python -m benchmarks.find --docs docs/find-speed.md

.PHONY: drill
drill: setup ## Diễn tập mất sổ đăng ký: lưu trữ 500 giấy tờ, xóa sổ, dựng lại
	@DRILL_PAPERS=500 $(BIN)/python -m pytest -q tests/flows/test_rebuild.py -k drill

.PHONY: test-hosts
test-hosts: setup ## Bốn máy giả: tắt điện một máy worker, ngắt mạng một máy (cần root; HOSTS_SCANS=200)
	@HOSTS_SCANS=$${HOSTS_SCANS:-200} $(BIN)/python -m pytest -q -s tests/integration/test_hosts.py

SCANS := 10000

.PHONY: soak
soak: setup ## Chạy bền: SCANS bản quét nhỏ qua cả dây chuyền, nhận dạng phát lại (nhiều giờ)
	@$(BIN)/python -m benchmarks.soak --scans $(SCANS)

.PHONY: test-faults
test-faults: setup ## Lỗi của thế giới bên ngoài: ≥ 40 lần giết, S3, PostgreSQL, ổ đĩa, đồng hồ (nửa giờ)
	@FAULT_KILLS=$${FAULT_KILLS:-40} FAULT_STALL_SECONDS=30 $(BIN)/python -m pytest -q tests/faults

.PHONY: bench-archive
bench-archive: setup ## Đo kho lưu trữ: giấy tờ/giây, số PUT (thư mục, Ceph RGW), dựng lại sổ (mười phút)
	@$(BIN)/python -m benchmarks.archive --docs docs/archive-speed.md

.PHONY: bench-registry
bench-registry: setup ## Đo sổ đăng ký ở 1.000.000 giấy tờ và 10.000.000 giấy tờ đã đếm
	@$(BIN)/python -m benchmarks.registry 1000000 10000000

.PHONY: audit
audit: ## Gói trong tệp khóa có lỗ hổng đã biết không (cần mạng; không có thì nói rõ)
	@bash deployments/audit_lock.sh requirements.lock

.PHONY: bench-requests
bench-requests: setup ## Đếm yêu cầu S3, câu lệnh SQL, byte lưu trữ của một giấy tờ (Ceph RGW, PostgreSQL)
	@$(BIN)/python -m benchmarks.requests

.PHONY: check-fresh
check-fresh: ## Chạy demo và phép thử trên một Debian 12 tối thiểu, mới dựng (cần root, debootstrap)
	@bash tests/fresh/run.sh

.PHONY: server
server: setup ## Máy chủ Prefect, work pool, một worker và các deployment tại chỗ
	@$(BIN)/python -m deployments.server

.PHONY: clean
clean: ## Xóa dữ liệu demo (không xóa môi trường)
	@rm -rf var/demo*
