"""How the appliance is, in words a person understands at a glance."""

from dataclasses import dataclass

from edge.web.ports import Health, PartHealth
from edge.web.speech import Speech


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One part: its name and state in words; ``detail`` is the part's own sentence."""

    name: str
    state: str
    word: str
    detail: str


def health_lines(health: Health, speech: Speech) -> tuple[HealthLine, ...]:
    """Return one line per part, in the order the appliance reports them."""
    return tuple(_line(part, speech) for part in health.parts)


def _line(part: PartHealth, speech: Speech) -> HealthLine:
    _ = speech.gettext
    names = {
        "service": _("Service"),
        "ranker": _("Suggestions"),
        "storage": _("Storage"),
        "delivery": _("Delivery to the head office"),
        "catalog": _("Menu"),
        "clock": _("Clock"),
        "recognition": _("Recognition"),
        "beacon": _("Beacons"),
        "camera": _("Code reader"),
        "shop": _("Other devices of the shop"),
    }
    words = {
        "ok": _("Works"),
        "degraded": _("Works in a simpler way"),
        "off": _("Not connected"),
        "failed": _("Needs attention"),
    }
    return HealthLine(
        name=names.get(part.part, part.part),
        state=part.state,
        word=words.get(part.state, part.state),
        detail=part.detail,
    )
