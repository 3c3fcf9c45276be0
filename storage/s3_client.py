"""The S3 client, made on demand, and its errors turned into ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from domain.errors import ConfigurationFault, NotFound, SohoaError, Unavailable

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_s3 import S3Client

_CONNECT_SECONDS = 5
_READ_SECONDS = 60
_ATTEMPTS = 4
_FORBIDDEN, _MISSING, _NO_SUCH_METHOD, _CONFLICT = 403, 404, 405, 409
_TOO_MANY, _SERVER_FAULT = 429, 500
# 4xx by number, yet the same request may well succeed when sent again.
_PASSING = frozenset({"BadDigest", "RequestTimeout", "SlowDown", "Throttling", "IncompleteBody"})


def client_of(
    endpoint_url: str | None, region: str, credentials_file: Path | None, profile: str | None
) -> S3Client:
    """The client of this process for this address; ConfigurationFault for a bad address."""
    client: S3Client = _client(os.getpid(), "s3", endpoint_url, region, credentials_file, profile)
    return client


def topics_client(
    endpoint_url: str | None, region: str, credentials_file: Path | None, profile: str | None
) -> Any:
    """The client for topics of notices (SNS) at this address; Ceph RGW speaks it too."""
    return _client(os.getpid(), "sns", endpoint_url, region, credentials_file, profile)


@cache
def _client(
    _process: int,  # connections must not be shared with a forked child
    service: Literal["s3", "sns"],
    endpoint_url: str | None,
    region: str,
    credentials_file: Path | None,
    profile: str | None,
) -> Any:
    import boto3  # slow to import, not needed by a directory installation
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    if credentials_file is not None and not credentials_file.is_file():
        raise ConfigurationFault(
            f"Không có tệp khóa S3 {credentials_file}. Kiểm tra credentials_file của kho."
        )
    session = Session(profile=profile)
    if credentials_file is not None:
        session.set_config_variable("credentials_file", str(credentials_file))
    settings = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=32,
        # S3-compatible servers refuse the checksums that newer clients send unasked.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # The server checks the digest of what it receives, over TLS too.
        s3={"addressing_style": "path", "payload_signing_enabled": True},
    )
    try:
        return boto3.Session(botocore_session=session, region_name=region).client(
            service, endpoint_url=endpoint_url, config=settings
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationFault(
            f"Cấu hình kho S3 sai: {error}. Kiểm tra endpoint_url, credentials_file, profile."
        ) from error


def status_of(error: ClientError) -> int:
    """The HTTP status with which the server refused."""
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


@contextmanager
def foreign_errors(key: str) -> Iterator[None]:
    """Raise what the S3 library raises as one of our errors; `key` is named in the message."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        raise _answered(error, key) from error
    except BotoCoreError as error:
        raise _not_answered(error) from error
    except HTTPError as error:  # botocore lets it pass where an answer breaks off midway
        raise _broke_off(error) from error
    except UnicodeEncodeError as error:  # a name that is no text can name no object
        raise NotFound("Không có đối tượng mang tên này trong kho.") from error


def _answered(error: ClientError, key: str) -> SohoaError:
    status, code = status_of(error), error.response.get("Error", {}).get("Code", "")
    if code == "NoSuchBucket":
        return ConfigurationFault(f"Không có bucket của kho S3 ({error}). Kiểm tra cấu hình kho.")
    if status in {_MISSING, _NO_SUCH_METHOD}:  # the latter: this version is a delete marker
        return NotFound(f"Không có «{key}» trong kho.")
    if code == "NotImplemented":
        return ConfigurationFault(f"Máy chủ S3 không hỗ trợ: {error}. Dùng máy chủ khác.")
    if status >= _SERVER_FAULT or status in {_CONFLICT, _TOO_MANY} or code in _PASSING:
        return Unavailable(f"Kho S3 tạm thời không phục vụ: {error}. Thử lại sau.")
    if status == _FORBIDDEN:
        return ConfigurationFault(
            f"Kho S3 từ chối: {error}. Kiểm tra khóa, quyền, hạn mức và đồng hồ máy."
        )
    return ConfigurationFault(f"Kho S3 không nhận yêu cầu: {error}. Kiểm tra cấu hình kho.")


def _not_answered(error: BotoCoreError) -> SohoaError:
    from botocore import exceptions as boto

    of_the_net = (boto.HTTPClientError, boto.IncompleteReadError, boto.ConnectionError)
    if isinstance(error, of_the_net):
        return _broke_off(error)
    return ConfigurationFault(f"Cấu hình kho S3 sai: {error}. Kiểm tra khóa và địa chỉ của kho.")


def _broke_off(error: Exception) -> Unavailable:
    return Unavailable(f"Kho S3 không trả lời: {error}. Kiểm tra mạng và máy chủ.")
