"""Nodes of a drawing: what its numbers depend on."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorable.nodes import Problem


@pytest.mark.parametrize("at", [0.02, 0.98])
def test_a_number_that_jumps_once_is_seen_to_depend(at):
    """Also where all random places lie on one side of the jump, as may be by chance."""
    chance = SimpleNamespace(random=lambda: 0.6)

    def sample(place):
        return 0, np.array([float(place["z"] > at), 7.0])

    problem = Problem(sample, None, {"z": None}, {"z": 1}, chance)
    assert problem.dependence().tolist() == [[True, False]]
