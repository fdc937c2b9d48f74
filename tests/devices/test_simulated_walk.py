from edge.devices.simulated_walk import FAR_DBM, NOISE_DB, Walk


def steady(_size: int) -> bytes:
    return b"\x7f"


def strengths(walk: Walk, *seconds: float) -> list[int]:
    return [walk.dbm_at(each, steady) for each in seconds]


def test_they_come_stand_there_go_and_come_again() -> None:
    walk = Walk(-55, approach_s=5, stay_s=20, away_s=10)
    assert strengths(walk, 0, 5, 25, 30, 39, 45) == [FAR_DBM, -55, -55, FAR_DBM, FAR_DBM, -55]
    assert FAR_DBM < walk.dbm_at(2.5, steady) < -55


def test_a_phone_that_lies_there_is_always_as_strong() -> None:
    assert strengths(Walk(-60, is_walking=False), 0, 17, 3_600) == [-60, -60, -60]


def test_no_packet_is_further_off_than_the_noise() -> None:
    walk = Walk(-60, is_walking=False)
    loudest, weakest = walk.dbm_at(0, lambda _: b"\xff"), walk.dbm_at(0, lambda _: b"\x00")
    assert (loudest, weakest) == (-60 + NOISE_DB, -60 - NOISE_DB)
