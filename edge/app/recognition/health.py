"""How recognition is, in words for whoever looks after the shop. Nothing here counts people by name."""

from edge.app.recognition.runtime import Recognising
from edge.devices.code_source import SourceStatus
from edge.store.keys import KeyFile
from edge.web.ports import PartHealth

OFF = (
    PartHealth("recognition", "off", "Recognition is switched off: every visitor is a guest."),
    PartHealth("beacon", "off", "No radio is used."),
    PartHealth("camera", "off", "No camera is used on this device."),
)


def unfit(keys: KeyFile) -> tuple[PartHealth, ...]:
    """Return how recognition is while the device's keys cannot be used."""
    detail = f"Every visitor is a guest: {keys.problem}"
    return (PartHealth("recognition", "failed", detail), *OFF[1:])


def recognition_health(built: Recognising, keys: KeyFile) -> tuple[PartHealth, ...]:
    """Return how recognition, the radio and the camera are."""
    return (_recognition(built, keys), _radio(built), *_sources(built))


def recognition_figures(built: Recognising) -> dict[str, float]:
    """Return figures for /metrics: sums over everybody, and none below the device."""
    figures = {
        "customers_known": float(len(built.known)),
        "presences": float(len(built.presences.all())),
        "beacons_refused_total": float(built.beacons.refusals),
        "erasures_unfinished": float(built.store.people.unfinished()),
    }
    if built.radio is not None:
        radio = built.radio.status()
        figures |= {
            "beacon_packets_total": float(radio.heard),
            "beacon_sightings_total": float(radio.sighted),
            "beacon_shed_total": float(radio.shed),
            "beacon_dropped_total": float(radio.dropped),
        }
    for name, source in built.sources:
        status = source.status()
        figures[f"{name}_codes_total"] = float(status.codes)
        figures[f"{name}_restarts_total"] = float(status.restarts)
    return figures


def _recognition(built: Recognising, keys: KeyFile) -> PartHealth:
    failing = [f"{job.name}: {job.failing}" for job in built.keeping.jobs if job.failing]
    if failing:
        return PartHealth("recognition", "degraded", "; ".join(failing))
    unfinished = built.store.people.unfinished()
    if unfinished:
        detail = (
            f"{unfinished} erasures are not finished on the disk; keys and rows are gone, the log "
            "is emptied as soon as nobody reads."
        )
        return PartHealth("recognition", "degraded", detail)
    detail = (
        f"{len(built.known)} customers can be recognised; their keys are protected by "
        f"a {keys.protection} on this device."
    )
    return PartHealth("recognition", "ok", detail)


def _radio(built: Recognising) -> PartHealth:
    if built.radio is None:
        return PartHealth("beacon", "off", "No radio is used; recognition is by code only.")
    status = built.radio.status()
    return PartHealth("beacon", status.health, status.words, status.since_at)


def _sources(built: Recognising) -> tuple[PartHealth, ...]:
    if not built.sources:
        return (PartHealth("camera", "off", "No camera is used on this device."),)
    return tuple(_source(name, source.status()) for name, source in built.sources)


def _source(name: str, status: SourceStatus) -> PartHealth:
    state = {"ready": "ok", "starting": "ok", "off": "off", "stopped": "off"}.get(
        status.state, "degraded"
    )
    words = status.words[:1].upper() + status.words[1:]
    return PartHealth(name, state, f"{words}.", status.since_at)
