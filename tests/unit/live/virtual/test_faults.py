from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.live.virtual.faults import AIR_FAULTS, air_fault
from forensics.synth import faults as files

CHUNKS = [bytes([number]) * 40 for number in range(60)]


def _delivered(name: str, seed: int) -> list[bytes]:
    fault = air_fault(name, chunks=len(CHUNKS), seed=seed)
    return [value for chunk in CHUNKS for value in fault.deliver(chunk)]


def test_the_names_are_those_of_the_faults_of_files() -> None:
    assert set(AIR_FAULTS) <= set(files.FAULTS)


@given(st.sampled_from(sorted(AIR_FAULTS)), st.integers(0, 500))
def test_every_fault_breaks_something_and_the_same_again(name: str, seed: int) -> None:
    delivered = _delivered(name, seed)
    assert delivered != CHUNKS
    assert delivered == _delivered(name, seed)


@given(st.integers(0, 500))
def test_each_does_what_its_name_says(seed: int) -> None:
    def places(name: str) -> list[int]:
        return sorted(air_fault(name, chunks=len(CHUNKS), seed=seed).places)

    (lost,) = places("drop-one")
    assert _delivered("drop-one", seed) == CHUNKS[:lost] + CHUNKS[lost + 1 :]
    (early,) = places("swap-one")
    swapped = [*CHUNKS[:early], CHUNKS[early + 1], CHUNKS[early], *CHUNKS[early + 2 :]]
    assert _delivered("swap-one", seed) == swapped
    (again,) = places("repeat-one")
    assert _delivered("repeat-one", seed) == CHUNKS[: again + 1] + CHUNKS[again:]
    (place,) = places("overwrite-previous")
    assert _delivered("overwrite-previous", seed) == [*CHUNKS[:place], CHUNKS[place - 1], *CHUNKS[place + 1 :]]
    (place,) = places("overwrite-next")
    assert _delivered("overwrite-next", seed) == [*CHUNKS[:place], CHUNKS[place + 1], *CHUNKS[place + 1 :]]
    first = places("tail-on-edge")[0]
    assert _delivered("tail-on-edge", seed) == CHUNKS[:first]
    assert _delivered("cut-to-20", seed) == [chunk[:20] for chunk in CHUNKS]
    flipped = _delivered("flip-many", seed)
    changed = [(old, new) for old, new in zip(CHUNKS, flipped, strict=True) if old != new]
    assert len(changed) == len(places("flip-many"))
    for old, new in changed:
        assert (int.from_bytes(old, "big") ^ int.from_bytes(new, "big")).bit_count() == 1


@pytest.mark.parametrize(("name", "chunks"), [("melt", 60), ("drop-one", 3)])
def test_what_cannot_be_drawn_is_a_usage_error(name: str, chunks: int) -> None:
    with pytest.raises(UsageError):
        air_fault(name, chunks=chunks, seed=1)
