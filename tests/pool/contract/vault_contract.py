"""Port Vault."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.samples import START
from pool.ports import ContactEntry
from schemas.errors import ContractError

KEY, OTHER = b"k" * 32, b"o" * 32


def entry(report: str, caller: str = "k1", *hashes: str) -> ContactEntry:
    return ContactEntry(report, caller, hashes or ("h1",), {"phone": "13000000000", "name": "甲某"})


class VaultContract:
    """Needs the fixture `vault`: an empty one for this test."""

    def test_keys_and_contacts_are_read_back(self, vault):
        assert vault.write({"r1": KEY, "p1": OTHER}, [entry("r1")]) == set()
        assert vault.keys(["r1", "p1", "r2"]) == {"r1": KEY, "p1": OTHER}
        assert vault.callers(["h1", "h2"]) == {"h1": "k1"}
        assert vault.contact("r1", "clerk-7", "回访", START) == {"phone": "13000000000", "name": "甲某"}

    def test_an_earlier_key_stays_and_the_later_one_is_told_that_it_lost(self, vault):
        vault.write({"r1": KEY}, [])
        assert vault.write({"r1": OTHER, "r2": OTHER}, []) == {"r1"}
        assert vault.keys(["r1", "r2"]) == {"r1": KEY, "r2": OTHER}
        assert vault.write({"r1": KEY}, []) == set()

    def test_a_hash_stays_with_its_first_caller_and_the_loser_leaves_no_contact_and_no_hash(self, vault):
        vault.write({"r1": KEY}, [entry("r1", "k1", "h1")])
        assert vault.write({"r2": OTHER}, [entry("r2", "k2", "h1", "h2")]) == {"h1"}
        assert vault.callers(["h1", "h2"]) == {"h1": "k1"}
        assert vault.contact("r2", "a", "b", START) is None
        assert vault.write({"r2": OTHER}, [entry("r2", "k1", "h1", "h2")]) == set()
        assert vault.callers(["h1", "h2"]) == {"h1": "k1", "h2": "k1"}

    def test_of_two_callers_for_one_hash_in_one_batch_the_first_wins(self, vault):
        lost = vault.write({"r1": KEY, "r2": KEY}, [entry("r1", "k1"), entry("r2", "k2")])
        assert lost == {"h1"}
        assert vault.callers(["h1"]) == {"h1": "k1"}
        assert vault.contact("r2", "a", "b", START) is None

    def test_the_first_contact_of_a_report_stays(self, vault):
        vault.write({"r1": KEY}, [entry("r1")])
        vault.write({"r1": KEY}, [ContactEntry("r1", "k1", ("h1",), {"phone": "2"})])
        assert vault.contact("r1", "a", "b", START)["phone"] == "13000000000"

    def test_a_contact_may_come_before_its_key(self, vault):
        assert vault.write({}, [entry("r1")]) == set()
        assert vault.keys(["r1"]) == {}
        assert vault.write({"r1": KEY}, []) == set()
        assert vault.keys(["r1"]) == {"r1": KEY}
        assert vault.contact("r1", "a", "b", START) is not None

    def test_erasing_leaves_a_marker_that_refuses_what_comes_later(self, vault):
        vault.write({"r1": KEY}, [entry("r1")])
        vault.erase("r1")
        vault.erase("r1")
        vault.erase("never-seen")
        assert vault.keys(["r1", "never-seen"]) == {"r1": None, "never-seen": None}
        assert vault.erased() == ["never-seen", "r1"]
        assert vault.callers(["h1"]) == {}
        assert vault.write({"r1": KEY, "never-seen": KEY}, [entry("r1")]) == {"r1", "never-seen"}
        assert vault.write({}, [entry("r1")]) == set()
        assert vault.contact("r1", "a", "b", START) is None
        assert vault.callers(["h1"]) == {}

    def test_a_caller_with_another_report_is_still_known_after_an_erasure(self, vault):
        vault.write({"r1": KEY, "r2": KEY}, [entry("r1"), entry("r2")])
        vault.erase("r1")
        assert vault.callers(["h1"]) == {"h1": "k1"}
        vault.erase("r2")
        assert vault.callers(["h1"]) == {}

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.tuples(st.sampled_from(["write", "erase"]), st.integers(0, 3), st.integers(0, 2)), max_size=12))
    def test_a_caller_is_known_exactly_while_a_report_with_that_hash_is_there(self, vault, steps):
        run = uuid4()  # one vault serves all examples
        held, gone = {}, set()
        for step, report, caller in steps:
            name = f"{run}-r{report}"
            if step == "erase":
                vault.erase(name)
                held.pop(report, None)
                gone.add(report)
            else:
                vault.write({}, [entry(name, f"{run}-k{caller}", f"{run}-h{caller}")])
                if report not in gone:
                    held.setdefault(report, caller)
        known = vault.callers([f"{run}-h{caller}" for caller in range(3)])
        assert known == {f"{run}-h{caller}": f"{run}-k{caller}" for caller in set(held.values())}

    @pytest.mark.parametrize(("reader", "reason"), [("clerk", ""), ("clerk", "  "), ("", "回访")])
    def test_a_contact_is_shown_only_to_someone_who_says_why(self, vault, reader, reason):
        vault.write({"r1": KEY}, [entry("r1")])
        with pytest.raises(ContractError):
            vault.contact("r1", reader, reason, START)

    def test_a_keyed_hash_depends_on_kind_and_value(self, vault):
        hashes = {vault.keyed_hash(kind, value) for kind in ("phone", "account") for value in ("1", "11", "")}
        assert len(hashes) == 6
        assert all(len(h) == 32 and int(h, 16) >= 0 for h in hashes)
        assert vault.keyed_hash("phone", "1") == vault.keyed_hash("phone", "1")
