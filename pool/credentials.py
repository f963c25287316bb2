"""What a connection to a server is given besides its address: secrets and certificates, never from the command line."""

import os
import ssl
import stat
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import ContractError


def secret(variable: str, file_variable: str, environment: Mapping[str, str] = os.environ) -> str:
    """The value of `variable`, or what stands in the file that `file_variable` names, without its last line break; empty when
    neither is set. Raises ContractError: both are set, the file cannot be read, or others can read it."""
    given, file = environment.get(variable, ""), environment.get(file_variable, "")
    if not file:
        return given
    if given:
        raise ContractError(file_variable, f"与 {variable} 只能设一个", "请去掉其中一个")
    try:
        text = own_file(file, file_variable).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(file_variable, f"读不出 {file}({type(error).__name__})", "请检查文件和属主") from error
    if not text:
        raise ContractError(file_variable, f"{file} 是空的", "请把口令写入文件")
    return text


def own_file(file: str, variable: str) -> Path:
    """The file, which only its owner can read. Raises ContractError."""
    try:
        mode = stat.S_IMODE(Path(file).stat().st_mode)
    except OSError as error:
        raise ContractError(variable, f"没有文件 {file}({error.strerror})", "请检查路径和属主") from error
    if mode & 0o077:
        raise ContractError(variable, f"{file} 的权限是 {mode:04o},其他用户可以读取", f"请执行 chmod 600 {file}")
    return Path(file)


def tls(cafile: str, cafile_variable: str, certfile: str = "", keyfile: str = "", password: str = "") -> ssl.SSLContext:
    """Trusts the authorities of `cafile`, those of the system when it is empty; shows the certificate of `certfile`, if any.

    The server's name is always checked. Raises ContractError for a file that cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=cafile or None)
    except OSError as error:  # ssl.SSLError is one
        raise ContractError(cafile_variable, f"{cafile} 不能用({_why(error)})", "应为 PEM 格式的 CA 证书") from error
    if certfile:
        try:
            context.load_cert_chain(certfile, keyfile or None, password or (lambda: ""))  # without one it would ask the terminal
        except OSError as error:
            files = "、".join(file for file in (certfile, keyfile) if file)
            rule = f"客户端证书或私钥不能用({_why(error)})"
            raise ContractError(files, rule, "请检查路径、PEM 格式、二者是否配对、私钥口令") from error
    return context


def _why(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or type(error).__name__
