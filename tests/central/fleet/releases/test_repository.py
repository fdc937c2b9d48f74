from pathlib import Path

from tuf.ngclient import Updater  # type: ignore[attr-defined]

from edge.wire.releases import read_facts
from edge.wire.rollout import read_document, rollout_path
from tests.fakes.repository import RunningRepository, running_repository

FACTORY = Path(__file__).parents[4] / "models/factory"


def client(repository: RunningRepository, folder: Path) -> Updater:
    """python-tuf's own client: it knows nothing of our code."""
    for part in ("metadata", "targets"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return Updater(
        str(folder / "metadata"),
        f"{repository.url}/metadata/",
        str(folder / "targets"),
        f"{repository.url}/targets/",
        bootstrap=repository.root,
    )


def test_a_published_model_and_its_rollout_reach_python_tufs_own_client(tmp_path: Path) -> None:
    with running_repository(tmp_path) as repository:
        path = repository.publish_model(FACTORY, "1.2.0")
        document = repository.set_rollout(stable=repository.release("1.2.0"))
        updater = client(repository, tmp_path / "client")
        updater.refresh()
        target = updater.get_targetinfo(path)
        assert target is not None
        facts = read_facts(target.custom, path)
        assert (facts.name, facts.version) == ("ranker", "1.2.0")
        updater.download_target(target)
        found = updater.get_targetinfo(rollout_path("ranker"))
        assert found is not None
        assert read_document(Path(updater.download_target(found)).read_bytes()) == document
