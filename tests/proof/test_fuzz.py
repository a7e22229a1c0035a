"""Random truths and falsehoods: no verdict is wrong (many more by `make fuzz`)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import trial


@settings(max_examples=200)
@given(st.integers(0, 10**6))
def test_no_verdict_is_wrong(seed):
    _, _, wrong = trial(seed)
    assert wrong is None
