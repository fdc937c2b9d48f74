"""Build recognition, where it is wanted and may be: its switch, who is responsible, and fitting keys."""

import logging

from edge.app.foundation import Foundation
from edge.app.recognition.health import OFF, recognition_health, unfit
from edge.app.recognition.runtime import Ground, Recognising, build_recognition
from edge.web.ports import PartHealth

log = logging.getLogger(__name__)


def build_recognising(core: Foundation) -> Recognising | None:
    """Return recognition; None when it is off, nobody is responsible for it, or keys do not fit."""
    wanted = core.settings.recognition
    if not wanted.on:
        return None
    if core.site.header.controller is None:
        log.warning("nobody is recognised: site.yaml names no controller of customers' data")
        return None
    if core.store.keys.problem is not None:
        return None
    ground = Ground(wanted, core.store, core.site, core.origin, core.clock, core.chance)
    return build_recognition(ground, core.trust.state)


def health_of(core: Foundation, built: Recognising | None) -> tuple[PartHealth, ...]:
    """Return how recognition is, also where it was not built."""
    keys = core.store.keys
    if built is not None:
        return recognition_health(built, keys)
    return unfit(keys) if keys.problem is not None else OFF
