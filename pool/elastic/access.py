"""Who this program is at Elasticsearch, and whose certificate it trusts. Kept apart from the client, which is slow to import."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pool.credentials import secret, tls
from schemas.errors import ContractError

CAFILE = "WENTICHI_ELASTICSEARCH_CAFILE"


@dataclass(frozen=True, slots=True)
class Access:
    """username and password, or an API key (as Elasticsearch gives it, encoded), or neither. cafile: empty = the system's."""

    username: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    cafile: str = ""

    def options(self) -> dict[str, Any]:
        """Keyword arguments of the client. Raises ContractError for a file that cannot be used."""
        found: dict[str, Any] = {"ssl_context": tls(self.cafile, CAFILE)} if self.cafile else {"verify_certs": True}
        if self.username:
            account = f"{self.username}:{self.password}".encode()  # the client itself knows Latin letters only
            found["basic_auth"] = base64.b64encode(account).decode()
        if self.api_key:
            found["api_key"] = self.api_key
        return found


ANYBODY = Access()
"""Nothing besides what the URL itself says."""


def access(url: str, environment: Mapping[str, str] = os.environ) -> Access:
    """From WENTICHI_ELASTICSEARCH_…; url: where to. Raises ContractError for what does not go together."""
    found = Access(
        environment.get("WENTICHI_ELASTICSEARCH_USERNAME", ""),
        secret("WENTICHI_ELASTICSEARCH_PASSWORD", "WENTICHI_ELASTICSEARCH_PASSWORD_FILE", environment),
        secret("WENTICHI_ELASTICSEARCH_API_KEY", "WENTICHI_ELASTICSEARCH_API_KEY_FILE", environment),
        environment.get(CAFILE, ""),
    )
    if bool(found.username) != bool(found.password):
        rule = "用户名与 WENTICHI_ELASTICSEARCH_PASSWORD(_FILE) 须同时给出"
        raise ContractError("WENTICHI_ELASTICSEARCH_USERNAME", rule, "请补上另一个")
    ways = [bool(found.username), bool(found.api_key), has_account(url)]
    if sum(ways) > 1:
        raise ContractError("WENTICHI_ELASTICSEARCH", "账号给了两处:地址、用户名和 API key 只能用一种", "请只留一种")
    if found.cafile and not all(address.startswith("https://") for address in url.split(",")):
        raise ContractError(CAFILE, "给了 CA 证书,地址却不是 https://", "请把 WENTICHI_ELASTICSEARCH 改为 https://…")
    return found


def has_account(url: str) -> bool:
    """Does the address itself hold a user or a password?"""
    return any("@" in address.partition("://")[2].partition("/")[0] for address in url.split(","))
