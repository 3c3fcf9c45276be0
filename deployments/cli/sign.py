"""`sohoa sign`: an officer signs the waiting papers with a key of their own.

`sign --as NAME` does all three in one go: fetch (on the server) ─▶ local (here) ─▶ return (on the
server). With `--server "ssh canbo@may-chu"` the first and the last run there: only digests come,
only signatures go. Each part is also a command of its own, with files or `-` between them.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from deployments.cli import show
from deployments.cli.line import Json, run_digitize, server_configured
from domain.errors import ConfigurationFault, IntegrityFault, Unavailable
from domain.officer import PaperSignature, Returned, SignatureBatch, ToSign

if TYPE_CHECKING:
    from signing.keys import Signer

app = typer.Typer(help="Cán bộ ký các giấy tờ đang chờ bằng khóa của chính mình.")
_SERVER_SECONDS = 600
_PIPE = Path("-")
T = TypeVar("T", bound=BaseModel)

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
    waiting = _fetch_from(server, officer)
    if not waiting.papers:
        _report(Returned(accepted=(), refused=(), lots=()), json=json)
        return
    if not json:
        for paper in waiting.papers:
            show.CONSOLE.print(f"- {paper.description}")
    with _signer(key, module, token, label, pin_file) as signer:
        signed = _signed(waiting, signer)
    _report(_return_to(server, signed), json=json)


@app.command()
def fetch(
    officer: Annotated[str, typer.Option("--as", help="Mã hoặc họ tên cán bộ.")],
    output: Out = _PIPE,
) -> None:
    """Trên máy chủ: giá trị băm và mô tả (đã che) của các giấy tờ chờ cán bộ này."""
    _write(output, _fetch_from(None, officer))


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
    json: Json = False,
) -> None:
    """Trên máy chủ: nhận chữ ký; giấy tờ có chữ ký tốt đi tiếp, giấy tờ khác vẫn chờ."""
    _report(_return_to(None, _read(signatures, SignatureBatch)), json=json)


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


def _fetch_from(server: str | None, officer: str) -> ToSign:
    if server:
        return _parsed(_there(server, ["sign", "fetch", "--as", officer]), ToSign)
    from tasks.house import house
    from tasks.officer import digests_for

    house().registry.migrate()
    try:
        return digests_for(officer)
    finally:
        house().close()


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


def _return_to(server: str | None, signed: SignatureBatch) -> Returned:
    if server:
        said = _there(server, ["sign", "return", "-", "--json"], signed.model_dump_json())
        return _parsed(said, Returned)
    from deployments.events import announce_upload
    from tasks.house import house
    from tasks.officer_return import take_signatures

    house().registry.migrate()
    try:
        returned = take_signatures(signed)
        for lot in returned.lots:
            if not (server_configured() and announce_upload(lot)):
                run_digitize(lot)
    finally:
        house().close()
    return returned


def _there(server: str, words: list[str], given: str = "") -> str:
    """Run `sohoa` on the server; what it printed. Its exit code 7 still carries an answer."""
    command = [*shlex.split(server), shlex.join(["sohoa", *words])]
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            timeout=_SERVER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"Không mở được phiên trên máy chủ ({error}); thử lại sau.") from error
    if done.returncode not in {0, IntegrityFault.exit_code} or not done.stdout:
        raise Unavailable(f"Máy chủ không làm được: {done.stderr.strip()[-300:]}")
    return done.stdout


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
    return _parsed(sys.stdin.read() if path == _PIPE else path.read_text(encoding="utf-8"), kind)


def _parsed(text: str, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ConfigurationFault(
            f"Tệp không đúng dạng của «sohoa sign» ({error.error_count()} lỗi); hãy lấy lại."
        ) from error


def _write(path: Path, value: BaseModel) -> None:
    text = value.model_dump_json(indent=1) + "\n"
    if path == _PIPE:
        sys.stdout.write(text)
        return
    path.write_text(text, encoding="utf-8")
