"""Settings: `SOHOA_…` in the environment, or `sohoa.toml`; checked before the first scan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from domain.codes import DEFAULT_TEMPLATE, CodeTemplate
from domain.describe import Thresholds
from domain.errors import ConfigurationFault, SohoaError
from domain.period import Counting
from reading.limits import Limits
from reading.settings import EngineName
from signing.appearance import AppearanceSettings
from signing.levels import SignatureSettings
from storage import DirectoryStore, StoreConfig
from storage.registry.database import Registry
from tasks.settings_groups import (
    ApiSettings,
    Certification,
    Expiry,
    ExportSettings,
    Health,
    Keys,
    ListenSettings,
    Mail,
    OutboxSettings,
    Review,
)

CONFIG_VARIABLE = "SOHOA_CONFIG"
LogFormat = Literal["text", "json"]
_OTHER_VARIABLES = frozenset({"config", "started_for", "tessdata"})


def _default_home() -> Path:
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(data) / "sohoa"


class Settings(BaseSettings):
    """All settings, with defaults for an embedded installation in one folder."""

    model_config = SettingsConfigDict(
        env_prefix="SOHOA_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    home: Path = Field(default_factory=_default_home)
    """Thư mục chứa mọi thứ của một bản cài nhúng; đường dẫn tuyệt đối."""
    registry: Registry | None = None
    """Sổ đăng ký: `url` và `password_file`; mặc định `$SOHOA_HOME/registry.db`."""
    intake: StoreConfig | None = None
    """Kho tiếp nhận bản quét; mặc định thư mục `$SOHOA_HOME/store/intake`."""
    work: StoreConfig | None = None
    """Kho trung gian giữa các bước; mặc định `$SOHOA_HOME/store/work`."""
    archive: StoreConfig | None = None
    """Kho lưu trữ lâu dài (OCFL 1.1); mặc định `$SOHOA_HOME/store/archive`."""
    copy_to: StoreConfig | None = None
    """Kho thứ hai giữ bản sao của kho lưu trữ (S3 khác, hoặc thư mục ở máy khác); không đặt thì
    không có bản sao."""
    quarantine: StoreConfig | None = None
    """Kho giữ bản quét để riêng; mặc định `$SOHOA_HOME/store/quarantine`."""
    export: ExportSettings = ExportSettings()
    """Gói nộp lưu: `archive`, `agency` (mã cơ quan lưu trữ, cơ quan hình thành), `lists` (bảng mã
    TOML; bảng kèm theo chưa xác minh), `schemas` (thư mục lược đồ XML kèm theo gói)."""
    expiry: Expiry = Expiry()
    """Tuổi để dọn: `work_days` (kho trung gian, sau khi bản quét xong), `quarantine_days` (kho để
    riêng; không đặt thì giữ mãi)."""
    backups: Path | None = None
    """Nơi để các bản sao lưu sổ đăng ký hằng đêm (có khóa và dữ liệu cá nhân: ổ mã hóa, khác máy);
    mặc định `$SOHOA_HOME/backups`."""
    keys: Keys = Keys()
    """Khóa ký và chứng thư tin cậy: `agency`, `officer`, `certifier`, `trust_roots`."""
    owner_key_file: Path | None = None
    """Khóa băm chủ giấy tờ, một tệp giống nhau ở mọi máy; mặc định `$SOHOA_HOME/keys/owner.key`,
    tự tạo ở máy đầu tiên."""
    signatures: SignatureSettings = SignatureSettings()
    """Mức chữ ký PAdES: `level` (mặc định B-LT khi có `tsa`, B-LTA khi lưu lâu hơn chứng thư của
    TSA), `tsa`, `tsa_timeout_seconds`, `revocation_timeout_seconds`, `digest`,
    `renew_days_before`, `weak_from`."""
    officer_signing: Literal["server", "own_token"] = "server"
    """Khóa của cán bộ: `own_token` ở thiết bị của chính cán bộ, giấy tờ chờ cán bộ ký bằng
    `sohoa sign`; `server` máy chủ giữ khóa, chỉ để chạy thử."""
    appearance: AppearanceSettings = AppearanceSettings()
    """Hình thức hiển thị chữ ký: `officer`, `agency` (mot_cua_scan, ban_sao_dien_tu, luu_tru,
    none), `seal` (tệp PNG dấu đỏ), `seal_width_mm` (kích thước thật), `qr`."""
    certification: Certification = Certification()
    """Chứng thực bản sao: `words` (lời chứng), `number` (mẫu số chứng thực, có {number})."""
    agency_name: str = "Cơ quan số hóa (thử nghiệm)"
    """Tên cơ quan hiện trên chữ ký số của cơ quan."""
    officer_name: str = "Cán bộ số hóa (thử nghiệm)"
    """Tên người sao chụp khi lô không ghi."""
    unit: str | None = None
    """Mã đơn vị tiếp nhận khi lô không ghi."""
    code_template: str = DEFAULT_TEMPLATE
    """Mẫu mã kết quả số hóa; công thức gốc của TT 01/2023/TT-VPCP Đ10 chưa xác minh được."""
    catalogue: Path | None = None
    """Thư mục danh mục riêng của tỉnh, thêm hoặc thay mục của danh mục gốc."""
    plan: str = "ke-hoach-mau"
    """Kế hoạch để tính tiến độ."""
    counting: Counting = Counting()
    """Cách đếm: `paper_rule`, `denominators`, `cutoff_day`, `due_days`, `holidays`."""
    thresholds: Thresholds = Thresholds()
    """Ngưỡng tin cậy để tự động chấp nhận."""
    limits: Limits = Limits()
    """Giới hạn khi mở tệp lạ: trang, điểm ảnh, bộ nhớ, thời gian."""
    ocr_engine: EngineName = "auto"
    """Bộ nhận dạng: `auto` chọn tesserocr nếu dùng được; bộ của nơi khác: `mô_đun:Lớp`."""
    split_on_blank: bool = False
    """Trang trắng cũng tách giấy tờ; mặc định chỉ tách theo tờ bìa, tờ ngăn, khoảng trang."""
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=256)
    """Số tiến trình đọc trang; mặc định bằng số lõi."""
    lease_seconds: int = Field(default=120, ge=10, le=3600)
    """Thời gian giữ một bản quét kể từ nhịp báo sống cuối cùng."""

    review: Review = Review()
    """Trạm duyệt: `url`, `user_header`, `open_forms`, `papers_per_form`, `deadline_hours`,
    `sample_rate`."""

    api: ApiSettings = ApiSettings()
    """API của kho dữ liệu: `public_url` (địa chỉ máy khách gọi tới), `link_minutes`."""
    listen: ListenSettings = ListenSettings()
    """Nhận tin báo của kho S3: `public_url` (địa chỉ kho S3 gọi tới), `secret_file`,
    `max_body_kib`, `quiet_seconds`, `longest_seconds` (gộp tin báo), `interactive_files` (lô ít
    tệp được ưu tiên)."""
    mail: Mail = Mail()
    """Cảnh báo bằng thư: `host`, `port`, `security` (starttls, tls, none), `user`, `password_file`,
    `sender`, `recipients`, `timeout_seconds`; bật bằng `sohoa alarms forward --mail`."""
    outbox: OutboxSettings = OutboxSettings()
    """Gửi lên Cổng DVCQG: `url`, `status_url`, `token_file`, `mapping` (mẫu thông điệp, không phải
    đặc tả chính thức), `timeout_seconds`, `attempts`."""

    log_format: LogFormat = "text"
    """Nhật ký: `text`, hoặc `json` (mỗi dòng một đối tượng, có bản quét và lượt chạy)."""

    server_auth_file: Path | None = None
    """Tệp một dòng «tên:mật khẩu» của máy chủ Prefect, chung cho máy chủ, worker và các lệnh."""

    health: Health = Health()
    """Ngưỡng của `sohoa doctor`: `queue_minutes`, `disk_gib`, `clock_seconds`."""

    verify_online: bool = True
    """Khi xác minh, hỏi cơ quan cấp chứng thư (OCSP, CRL) nếu tệp không kèm dữ liệu thu hồi."""
    verapdf: Path | None = None
    """Trình kiểm tra PDF/A veraPDF: chương trình hoặc tệp `.jar`; mặc định tìm trong PATH."""

    @model_validator(mode="after")
    def _absolute(self) -> Settings:
        if not self.home.is_absolute():
            raise ValueError(f"SOHOA_HOME phải là đường dẫn tuyệt đối, không phải «{self.home}»")
        CodeTemplate(text=self.code_template)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides the file."""
        file = os.environ.get(CONFIG_VARIABLE, "sohoa.toml")
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(file)))

    def store(self, name: Literal["intake", "work", "archive", "quarantine"]) -> StoreConfig:
        """The store configured under this name, or its folder in an embedded installation."""
        configured: StoreConfig | None = getattr(self, name)
        return configured or DirectoryStore(kind="directory", root=self.home / "store" / name)

    @property
    def backup_folder(self) -> Path:
        """Where the registry's backups are."""
        return self.backups or self.home / "backups"

    @property
    def registry_address(self) -> Registry:
        """The configured registry, or the SQLite file of an embedded installation."""
        return self.registry or Registry(url=f"sqlite:///{self.home / 'registry.db'}")


def load_settings() -> Settings:
    """The settings, or ConfigurationFault with one line per wrong entry."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named is not None and not Path(named).is_file():
        raise ConfigurationFault(f"{CONFIG_VARIABLE} chỉ tới «{named}», nhưng không có tệp này.")
    known = {*Settings.model_fields, *_OTHER_VARIABLES}
    for name in os.environ:
        if name.startswith("SOHOA_") and name[6:].split("__")[0].lower() not in known:
            raise ConfigurationFault(f"Không có cấu hình {name}: xem bảng cấu hình trong README.")
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigurationFault("Cấu hình sai – " + "; ".join(lines)) from error
    except SohoaError:
        raise
    except ValueError as error:  # a broken sohoa.toml
        raise ConfigurationFault(f"Không đọc được sohoa.toml: {error}") from error
