"""Secrets come from the environment or from a file of one owner; what does not go together is told before anything connects."""

import base64
import ssl
from pathlib import Path

import pytest

from pool.credentials import secret, tls
from pool.elastic.access import Access, access
from schemas.errors import ContractError
from tests.authority import Authority

URL = "http://127.0.0.1:9200"
USER, PASSWORD = "WENTICHI_ELASTICSEARCH_USERNAME", "WENTICHI_ELASTICSEARCH_PASSWORD"
FILE, KEY, CAFILE = f"{PASSWORD}_FILE", "WENTICHI_ELASTICSEARCH_API_KEY", "WENTICHI_ELASTICSEARCH_CAFILE"


def own(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def test_a_secret_is_read_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = own(tmp_path / "password", " correct horse\t\n")
    assert secret("A", "A_FILE", {"A_FILE": file}) == " correct horse\t", "only the last line break is not the password's"
    assert secret("A", "A_FILE", {"A": "x"}) == "x"
    assert secret("A", "A_FILE", {}) == ""
    Path(file).chmod(0o640)
    with pytest.raises(ContractError, match="chmod 600") as open_to_others:
        secret("A", "A_FILE", {"A_FILE": file})
    assert "correct" not in str(open_to_others.value)


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("", {"A_FILE": "{file}"}, "是空的"),
        ("x", {"A_FILE": "{file}", "A": "x"}, "只能设一个"),
        ("x", {"A_FILE": "{file}.gone"}, "没有文件"),
    ],
)
def test_a_file_that_gives_no_secret_is_named(tmp_path: Path, text: str, environment: dict[str, str], said: str) -> None:
    file = own(tmp_path / "password", text)
    with pytest.raises(ContractError, match=said) as wrong:
        secret("A", "A_FILE", {name: value.format(file=file) for name, value in environment.items()})
    assert wrong.value.field == "A_FILE"


def test_access_is_an_account_or_a_key_and_shows_neither(tmp_path: Path) -> None:
    file = own(tmp_path / "password", "geheim\n")
    account = access(URL, {USER: "clerk", FILE: file})
    assert base64.b64decode(account.options()["basic_auth"]) == b"clerk:geheim"
    key = access(URL, {KEY: "geheim"})
    assert key.options()["api_key"] == "geheim"
    assert "geheim" not in repr((account, key))
    assert access(URL, {}) == Access()


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        (URL, {USER: "clerk"}),
        (URL, {PASSWORD: "geheim"}),
        (URL, {USER: "clerk", PASSWORD: "geheim", KEY: "geheim"}),
        ("http://clerk:geheim@127.0.0.1:9200", {KEY: "geheim"}),
        (f"{URL},http://clerk:geheim@127.0.0.1:9201", {USER: "clerk", PASSWORD: "geheim"}),
        (URL, {CAFILE: "/ca.pem"}),
        (f"https://127.0.0.1:9200,{URL}", {CAFILE: "/ca.pem"}),
    ],
)
def test_what_does_not_go_together_is_told_without_the_secret(url: str, environment: dict[str, str]) -> None:
    with pytest.raises(ContractError, match="WENTICHI_ELASTICSEARCH") as wrong:
        access(url, environment)
    assert "geheim" not in str(wrong.value)


def test_a_certificate_is_shown_with_its_key_and_never_asks_the_terminal(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    certfile, keyfile = map(str, authority.issue("127.0.0.1", "geheim"))
    other = str(authority.issue("127.0.0.1")[1])
    context = tls(str(authority.cafile), "A_CAFILE", certfile, keyfile, "geheim")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    for key, password in ((keyfile, ""), (keyfile, "wrong"), (other, ""), (f"{keyfile}.gone", "geheim")):
        with pytest.raises(ContractError, match="客户端证书或私钥"):
            tls(str(authority.cafile), "A_CAFILE", certfile, key, password)
    for cafile in (keyfile, f"{certfile}.gone"):
        with pytest.raises(ContractError, match="A_CAFILE"):
            tls(cafile, "A_CAFILE")
