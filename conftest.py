"""What every test run needs: outputs as on the page and compared, second chances that are told."""

import os
import warnings

import hypothesis
import nbval.kernel
import nbval.plugin
import pytest

# Explorers make frames only, no widgets: a widget's id is random and would never compare equal.
os.environ["NNBOOK_STATIC"] = "1"
# SymPy would compute with python-flint, which only the tests have: readers' kernels do not.
os.environ["SYMPY_GROUND_TYPES"] = "python"
# The chapters' matrices are small: two test processes with a thread each are faster than with two.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# No test depends on how busy the machine is, or on chance: the same examples in every run.
hypothesis.settings.register_profile("book", deadline=None, derandomize=True)
hypothesis.settings.load_profile("book")

_start_kernel = nbval.kernel.start_new_kernel


def _start_kernel_twice(*args, **kwargs):
    try:
        return _start_kernel(*args, **kwargs)
    except RuntimeError as error:
        warnings.warn(f"a kernel did not start and is tried once more: {error}", stacklevel=2)
        return _start_kernel(*args, **kwargs)


nbval.kernel.start_new_kernel = _start_kernel_twice


def _compare_outputs(cell, test, reference, skip_compare=None):
    """In place of nbval's comparison, which takes drawings for text: see tests/same_outputs.py."""
    from same_outputs import differences  # on the path of the tests

    cell.comparison_traceback = differences(
        test, reference, chaotic="chaotic" in cell.cell.metadata.get("tags", [])
    )
    return not cell.comparison_traceback


nbval.plugin.IPyNbCell.compare_outputs = _compare_outputs


def pytest_collection_modifyitems(items):
    """On a busy machine a cell's outputs reach nbval after its reply, more than 5 s after it; and a
    browser may be too late once: its tests have a second chance, and the summary names who took it.
    """
    for item in items:
        if isinstance(item, nbval.plugin.IPyNbCell):
            item.output_timeout = 60
        elif "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
