"""Whether a release could be taken back once devices have it."""

from edge.core.errors import RequestContractError
from edge.wire.releases import PackageFacts, version_key
from edge.wire.rollout import Release


def check_way_back(facts: PackageFacts, stable: Release | None) -> None:
    """Refuse a package after which no device would take the present one again.

    A device that has committed it raises its minimum, and an abort would then change nothing.
    The factory's model has no version and is always taken.

    Raises:
        RequestContractError: Its minimum is above the stable release.
    """
    if stable is None or version_key(facts.minimum_version) <= version_key(stable.version):
        return
    msg = (
        f"wanted a release that can be taken back, got one after which nothing below "
        f"{facts.minimum_version} is taken, and everybody runs {stable.version}; if that is meant, "
        "say --no-way-back"
    )
    raise RequestContractError(msg)
