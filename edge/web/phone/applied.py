"""Apply one change of a customer to their profile: pure, and checked against the shop."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from edge.catalog.site import Site
from edge.core.errors import RequestContractError
from edge.identity.day_keys import day_of
from edge.identity.profile import Profile, Wishes, marked_as_gift, without_product
from edge.web.my_data_ports import Change

MAX_NAME: Final = 40
MAX_WISHES: Final = 200
"""Stars, mutes and "less" each: more than a person keeps, less than a page can flood."""

_STEP: Final = timedelta(milliseconds=1)

_Edit = Callable[[Wishes, str], Wishes]

_OF_PRODUCT: Final[Mapping[str, _Edit]] = MappingProxyType(
    {
        "star": lambda w, sku: replace(w, starred=w.starred | {sku}),
        "unstar": lambda w, sku: replace(w, starred=w.starred - {sku}),
    }
)
_OF_CATEGORY: Final[Mapping[str, _Edit]] = MappingProxyType(
    {
        "mute": lambda w, name: replace(w, muted=w.muted | {name}),
        "unmute": lambda w, name: replace(w, muted=w.muted - {name}),
        "less": lambda w, name: replace(w, less=w.less | {name}),
        "not_less": lambda w, name: replace(w, less=w.less - {name}),
    }
)


def changed(profile: Profile, change: Change, site: Site, now: datetime) -> Profile:
    """Return the profile with ``change``.

    Raises:
        RequestContractError: It names a product or category this shop does not have, or more
            wishes or a longer name than are kept.
    """
    wishes = _wished(profile.wishes, change, site)
    if wishes != profile.wishes:
        profile = replace(profile, wishes=wishes, wishes_changed_at=_after(profile, now))
    if change.gift is not None:
        profile = marked_as_gift(profile, change.gift, change.day, is_gift=True)
    if change.not_gift is not None:
        profile = marked_as_gift(profile, change.not_gift, change.day, is_gift=False)
    if change.wrong is not None:
        profile = without_product(profile, change.wrong, day_of(now))
    return profile


def _after(profile: Profile, now: datetime) -> datetime:
    """Return a moment later than their last word, which a device with a fast clock may have taken."""
    before = profile.wishes_changed_at
    return now if before is None else max(now, before + _STEP)


def _wished(wishes: Wishes, change: Change, site: Site) -> Wishes:
    for field, edit in _OF_PRODUCT.items():
        sku = getattr(change, field)
        if sku is not None:
            # What was starred once may have left the menu; taking it back always works.
            if field == "star" and site.product(sku) is None:
                raise _not_here(sku)
            wishes = edit(wishes, sku)
    for field, edit in _OF_CATEGORY.items():
        name = getattr(change, field)
        if name is not None:
            if field in {"mute", "less"} and name not in {p.category for p in site.products}:
                raise _not_here(name)
            wishes = edit(wishes, name)
    wishes = _tuned(wishes, change)
    if max(len(wishes.starred), len(wishes.muted), len(wishes.less)) > MAX_WISHES:
        msg = f"wanted at most {MAX_WISHES} of one kind; take one back first"
        raise RequestContractError(msg)
    return wishes


def _tuned(wishes: Wishes, change: Change) -> Wishes:
    if change.surprise is not None:
        wishes = replace(wishes, surprise=change.surprise)
    if change.help_level is not None:
        wishes = replace(wishes, help_level=change.help_level)
    if change.name is not None:
        name = " ".join(change.name.split())
        if len(name) > MAX_NAME or not name.isprintable():
            msg = f"wanted a name of at most {MAX_NAME} letters, got {len(name)}"
            raise RequestContractError(msg)
        wishes = replace(wishes, name=name, shows_name=wishes.shows_name and bool(name))
    if change.shows_name is not None:
        wishes = replace(wishes, shows_name=change.shows_name and bool(wishes.name))
    return wishes


def _not_here(name: str) -> RequestContractError:
    return RequestContractError(f"wanted a product or category of this shop, got {name[:60]!r}")
