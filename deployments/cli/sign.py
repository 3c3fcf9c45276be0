"""`sohoa sign`: an officer signs the waiting papers with a key of their own.

`sign --as NAME` does all three in one go: fetch (on the server) ─▶ local (here) ─▶ return (on the
server). With `--server "ssh canbo@may-chu"` the first and the last run there: only digests come,
only signatures go. Each part is also a command of its own, with files or `-` between them.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel

from deployments.cli import show
from deployments.cli.line import Json
from deployments.cli.sign_server import T, fetch_from, parsed, return_to
from domain.errors import ConfigurationFault, IntegrityFault, Unavailable
from domain.officer import PaperSignature, Returned, SignatureBatch, ToSign

if TYPE_CHECKING:
    from signing.keys import Signer

app = typer.Typer(help="Cán bộ ký các giấy tờ đang chờ bằng khóa của chính mình.")
_PIPE = Path("-")

As = Annotated[
    str | None, typer.Option("--as", help="Mã hoặc họ tên cán bộ (xem: sohoa officer list).")
]
Key = Annotated[
    Path | None, typer.Option("--key", help="Tệp khóa PKCS#12 (.p12, .pfx) của cán bộ.")
]
Module = Annotated[
    Path | None, typer.Option(help="Thư viện PKCS#11 của thiết bị (thay cho --key).")
]
Token = Annotated[str | None, typer.Option("--token", help="Nhãn của thiết bị.")]
Label = Annotated[str | None, typer.Option(help="Nhãn của khóa trong thiết bị.")]
Secret = Annotated[
    Path | None,
    typer.Option("--pin-file", help="Tệp chứa PIN hoặc mật khẩu; mặc định hỏi ở bàn phím."),
]
Server = Annotated[
    str | None,
    typer.Option(help="Lệnh mở phiên trên máy chủ, ví dụ «ssh canbo@may-chu»; mặc định máy này."),
]
Out = Annotated[Path, typer.Option("--output", "-o", help="Tệp kết quả; «-» là đầu ra chuẩn.")]


@app.callback(invoke_without_command=True)
def sign(
    context: typer.Context,
    officer: As = None,
    key: Key = None,
    module: Module = None,
    token: Token = None,
    label: Label = None,
    pin_file: Secret = None,
    server: Server = None,
    json: Json = False,
) -> None:
    """Lấy, ký, gửi lại mọi giấy tờ đang chờ một cán bộ. Mã thoát 7 nếu có chữ ký bị từ chối."""
    if context.invoked_subcommand:
        return
    if not officer:
        raise typer.BadParameter("Nêu cán bộ: --as «họ tên».")
    waiting = fetch_from(server, officer)
    if not waiting.papers:
        _report(Returned(accepted=(), refused=(), lots=()), json=json)
        return
    if not json:
        for paper in waiting.papers:
            show.CONSOLE.print(f"- {paper.description}")
    with _signer(key, module, token, label, pin_file) as signer:
        signed = _signed(waiting, signer)
    try:
        returned = return_to(server, signed)
    except Unavailable as error:
        kept = _kept(signed)
        raise Unavailable(
            f"{error} Chữ ký đã được giữ; gửi lại không cần ký lại: sohoa sign return {kept}"
            + (f" --server {shlex.quote(server)}" if server else "")
        ) from error
    _report(returned, json=json)


@app.command()
def fetch(
    officer: Annotated[str, typer.Option("--as", help="Mã hoặc họ tên cán bộ.")],
    output: Out = _PIPE,
) -> None:
    """Trên máy chủ: giá trị băm và mô tả (đã che) của các giấy tờ chờ cán bộ này."""
    _write(output, fetch_from(None, officer))


@app.command()
def local(
    digests: Annotated[Path, typer.Argument(help="Tệp từ «sign fetch»; «-» là đầu vào chuẩn.")],
    key: Key = None,
    module: Module = None,
    token: Token = None,
    label: Label = None,
    pin_file: Secret = None,
    output: Out = _PIPE,
) -> None:
    """Trên máy của cán bộ: ký các giá trị băm. Không cần máy chủ."""
    waiting = _read(digests, ToSign)
    with _signer(key, module, token, label, pin_file) as signer:
        _write(output, _signed(waiting, signer))


@app.command("return")
def give_back(
    signatures: Annotated[Path, typer.Argument(help="Tệp từ «sign local»; «-» là đầu vào chuẩn.")],
    server: Server = None,
    json: Json = False,
) -> None:
    """Trao chữ ký cho máy chủ; giấy tờ có chữ ký tốt đi tiếp, giấy tờ khác vẫn chờ."""
    _report(return_to(server, _read(signatures, SignatureBatch)), json=json)


@app.command()
def certificate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Tệp chứng thư (.pem).")],
    key: Key = None,
    module: Module = None,
    token: Token = None,
    label: Label = None,
    pin_file: Secret = None,
) -> None:
    """Trên máy của cán bộ: xuất chứng thư (không có bí mật) để quản trị viên đăng ký khóa."""
    from signing.certificates import certificate_pem

    with _signer(key, module, token, label, pin_file) as signer:
        output.write_bytes(certificate_pem(signer.pyhanko()))
    show.CONSOLE.print(f"Đã ghi {output}. Trên máy chủ: sohoa officer add ‹mã› --certificate ‹tệp›")


@app.command()
def serve(
    officer: Annotated[str, typer.Argument(metavar="MÃ", help="Mã cán bộ giữ khóa SSH này.")],
) -> None:
    """Lệnh bắt buộc (authorized_keys) cho khóa SSH của một cán bộ: chỉ được lấy và gửi chữ ký."""
    match shlex.split(os.environ.get("SSH_ORIGINAL_COMMAND", "")):
        case ["sohoa", "sign", "fetch", "--as", named]:
            to_sign = fetch_from(None, named)
            _refuse_another(officer, to_sign.officer)
            _write(_PIPE, to_sign)
        case ["sohoa", "sign", "return", "-", "--json"]:
            signed = _read(_PIPE, SignatureBatch)
            _refuse_another(officer, signed.officer)
            _report(return_to(None, signed), json=True)
        case _:
            raise ConfigurationFault(
                "Khóa SSH này chỉ để ký: sohoa sign --as ‹mã› --server «ssh …»."
            )


@app.command()
def waiting(json: Json = False) -> None:
    """Mỗi cán bộ còn bao nhiêu giấy tờ chờ ký."""
    from tasks.house import house
    from tasks.officer import waiting_for

    house().registry.migrate()
    counts = waiting_for()
    if json:
        show.as_json(counts)
        return
    show.table("Chờ cán bộ ký", ["Cán bộ", "Giấy tờ"], sorted(counts.items()))


def _refuse_another(officer: str, named: str) -> None:
    if named != officer:
        raise ConfigurationFault(f"Khóa SSH này là của cán bộ {officer}, không phải của {named}.")


def _kept(signed: SignatureBatch) -> Path:
    """Where signatures that could not be sent are kept; there is no secret in them."""
    path = Path.cwd() / f"chua-gui-{signed.officer}.json"
    _write(path, signed)
    return path


def _signed(waiting: ToSign, signer: Signer) -> SignatureBatch:
    from signing.interrupted import sign_digests

    made = sign_digests({paper.id: paper.digest for paper in waiting.papers}, signer)
    return SignatureBatch(
        officer=waiting.officer,
        papers=tuple(
            PaperSignature.model_construct(
                id=paper.id, digest=paper.digest, signature=made[paper.id]
            )
            for paper in waiting.papers
        ),
    )


@contextmanager
def _signer(
    key: Path | None, module: Path | None, token: str | None, label: str | None, pin: Path | None
) -> Iterator[Signer]:
    """The officer's own key; a secret that was typed is kept in a private file for this block."""
    from signing.keys import Pkcs11Signer, Pkcs12Signer

    with tempfile.TemporaryDirectory() as folder:  # readable by its owner only
        secret = pin
        if secret is None:
            secret = Path(folder) / "secret"
            typed = typer.prompt("PIN (hoặc mật khẩu tệp khóa)", hide_input=True, err=True)
            secret.write_text(typed, encoding="utf-8")
        if key:
            yield Pkcs12Signer(path=key, passphrase_file=secret)
        elif module and token and label:
            signer = Pkcs11Signer(
                module=module, token_label=token, key_label=label, pin_file=secret
            )
            if pin is None:
                signer.unlock()  # the person at the keyboard has decided to try
            yield signer
        else:
            raise typer.BadParameter("Nêu khóa: --key, hoặc --module, --token và --label.")


def _report(returned: Returned, *, json: bool) -> None:
    if json:
        show.as_json(returned)
    else:
        show.CONSOLE.print(f"{len(returned.accepted)} giấy tờ đã có chữ ký của cán bộ.")
        for refusal in returned.refused:
            show.CONSOLE.print(f"- {refusal.id}: {refusal.reason}")
    if returned.refused:
        raise typer.Exit(IntegrityFault.exit_code)


def _read(path: Path, kind: type[T]) -> T:
    return parsed(sys.stdin.read() if path == _PIPE else path.read_text(encoding="utf-8"), kind)


def _write(path: Path, value: BaseModel) -> None:
    text = value.model_dump_json(indent=1) + "\n"
    if path == _PIPE:
        sys.stdout.write(text)
        return
    path.write_text(text, encoding="utf-8")
