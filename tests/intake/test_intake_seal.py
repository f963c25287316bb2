"""What is sealed opens with its own key for its own owner, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.seal import new_key, seal, unseal
from schemas.errors import PoolDamaged


@given(st.binary(max_size=2000), st.text(st.characters(codec="utf-8"), max_size=40))
def test_what_was_sealed_comes_back(plain: bytes, owner: str) -> None:
    key = new_key()
    assert unseal(key, owner, seal(key, owner, plain)) == plain


def test_the_same_words_sealed_twice_differ() -> None:
    key = new_key()
    assert seal(key, "r1", b"words") != seal(key, "r1", b"words")


@pytest.mark.parametrize("change", ["key", "owner", "text", "cut", "not base64", "not ascii", "version"])
def test_anything_else_is_refused_and_names_the_owner(change: str) -> None:
    key, sealed = new_key(), ""
    sealed = seal(key, "r-owner", b"words")
    middle = len(sealed) // 2
    tried = {
        "key": (new_key(), "r-owner", sealed),
        "owner": (key, "r-owner2", sealed),
        "text": (key, "r-owner", sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]),
        "cut": (key, "r-owner", sealed[:8]),
        "not base64": (key, "r-owner", "abc"),
        "not ascii": (key, "r-owner", "密文"),
        "version": (key, "r-owner", "Ag" + sealed[2:]),
    }[change]
    with pytest.raises(PoolDamaged, match="r-owner"):
        unseal(*tried)


def test_a_short_key_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"short", "r1", b"words")
