"""The boundary of `ardea.verify`: arguments, layouts, results and errors."""

import pytest

import ardea


def chain(angle):
    return ardea.Circuit(3).h(0).cx(0, 1).rz(angle, 1).cx(1, 2).rx(0.2, 2)


def test_a_compile_result_brings_its_layout_and_meaning():
    circuit = chain(0.4)
    for preserve in ("unitary", "state", "counts"):
        compiled = ardea.compile(circuit, "boston", preserve=preserve)
        result = ardea.verify(circuit, compiled)
        assert (result.verdict, result.is_equal, result.confidence) == ("equal", True, 1.0)
        assert result.report["attempts"] and result.witness is None


def test_a_difference_has_a_witness():
    result = ardea.verify(chain(0.4), chain(0.5))
    assert result.verdict == "different" and not result.is_equal
    witness = result.witness
    assert abs(witness["before"] - witness["after"]) > 1e-4


def test_layouts_are_given_as_lists():
    swapped = ardea.Circuit(2).x(1)
    assert ardea.verify(ardea.Circuit(2).x(0), swapped, initial_layout=[1, 0]).is_equal
    assert not ardea.verify(ardea.Circuit(2).x(0), swapped).is_equal


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ardea.EquivalenceError, match="inputs"):
        ardea.verify(ardea.Circuit(3), ardea.Circuit(2))
    with pytest.raises(ardea.EquivalenceError, match="choose one of"):
        ardea.verify(ardea.Circuit(2), ardea.Circuit(2), preserve="phase")
    with pytest.raises(TypeError, match="CompileResult"):
        ardea.verify(ardea.Circuit(2), "circuit")
