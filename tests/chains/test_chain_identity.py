import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from wfo.chains.identity import identify

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def _rows(*pairs):
    ids, keys = zip(*pairs, strict=True) if pairs else ((), ())
    return pd.DataFrame(
        {
            "customer_id": pd.Series(ids, dtype="str"),
            "customer_key": pd.Series(keys, dtype="str"),
            "key_type": pd.Series(["phone" if k else None for k in keys], dtype="str"),
        }
    )


def _identify(rows, links=None, *, key_cap=40, customer_cap=500):
    return identify(rows, links, NOW, key_cap=key_cap, customer_cap=customer_cap)


def test_id_and_key_on_one_row_join_the_others():
    found = _identify(
        _rows(("anna", "1"), ("anna", None), (None, "1"), ("ben", "2"), (None, "3"), (None, None))
    )
    a = found.customer
    assert a[0] == a[1] == a[2]
    assert len({a[0], a[3], a[4], a[5]}) == 4
    assert found.known.tolist() == [True] * 5 + [False]
    assert found.labels[a[0]] == "anna"
    assert found.labels[a[4]] == "phone:3"


def test_unknown_contacts_stand_alone():
    found = _identify(_rows((None, None), (None, None)))
    assert not found.known.any()
    assert found.customer[0] != found.customer[1]


def test_key_over_the_cap_joins_nobody_and_identifies_nobody():
    rows = _rows(("a", "office"), ("b", "office"), ("c", "office"), (None, "office"))
    found = _identify(rows, key_cap=2)
    assert len(set(found.customer[:3].tolist())) == 3
    assert found.known.tolist() == [True, True, True, False]
    assert found.keys_over_cap == 1
    joined = _identify(rows, key_cap=3)
    assert len(set(joined.customer.tolist())) == 1
    assert joined.largest_merge == 3


def test_customer_over_the_cap_is_left_unlinked():
    found = _identify(_rows(*[("bot", None)] * 5, ("anna", None)), customer_cap=4)
    assert found.known.tolist() == [False] * 5 + [True]
    assert len(set(found.customer.tolist())) == 6
    assert (found.customers_over_cap, found.contacts_over_cap) == (1, 5)


def test_links_join_unless_weak_or_not_yet_valid():
    links = pd.DataFrame(
        {
            "id_a": ["a", "c", "e"],
            "type_a": ["customer_id"] * 3,
            "id_b": ["b", "d", "f"],
            "type_b": ["customer_id"] * 3,
            "confidence": [1.0, 0.5, np.nan],
            "valid_from": pd.to_datetime([None, None, "2026-01-01"], utc=True).astype("datetime64[us, UTC]"),
        }
    )
    found = _identify(_rows(*[(c, None) for c in "abcdef"]), links)
    a = found.customer
    assert a[0] == a[1]
    assert len(set(a.tolist())) == 5
    assert found.links_unused == 2


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.sampled_from([None, "1", "2", "3"])),
        max_size=14,
    )
)
def test_components_equal_repeated_merging(pairs):
    found = _identify(_rows(*pairs)) if pairs else None
    if found is None:
        return
    group = list(range(len(pairs)))
    for _ in pairs:
        for i, (a, k) in enumerate(pairs):
            for j, (b, m) in enumerate(pairs):
                if (a and a == b) or (k and k == m):
                    group[i] = group[j] = min(group[i], group[j])
    expected = np.equal.outer(group, group)
    assert (np.equal.outer(found.customer, found.customer) == expected).all()
