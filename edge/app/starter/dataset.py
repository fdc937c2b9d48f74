"""Describe a till's export for ``python -m models.training``, beside the shop made from it."""

import json
import os
from pathlib import Path

from edge.app.starter.menu import slug
from edge.app.starter.till_export import TillExport
from edge.catalog.site import SiteHeader


def dataset_path(folder: Path) -> Path:
    """Return where the description of the site folder ``folder`` stands: ``shop`` -> ``shop.toml``."""
    return folder.with_name(f"{folder.name}.toml")


def dataset_toml(file: Path, folder: Path, export: TillExport, header: SiteHeader) -> str:
    """Return the TOML from which a model of ``export`` is trained, in the shop's own skus.

    Empty where the export has no date: without days there is nothing to test a model on.
    """
    columns = export.columns
    if not columns.date:
        return ""
    away = os.path.relpath(file.resolve().parent, folder.resolve().parent)
    # A till that writes both into one column has a moment, in the words of the training.
    when = {"date": columns.date, "time": columns.time}
    when = when if columns.time else {"moment": columns.date}
    lines = [
        f"name = {_text(slug(folder.name, otherwise='shop'))}",
        f"title = {_text(header.name)}",
        f"data = {_text(away)} # from this file",
        f"files = [{_text(file.name)}]",
        f"time_zone = {_text(header.timezone)}",
        f"currency = {_text(header.currency)}",
        "",
        "[columns]",
        f"ticket = [{', '.join(_text(each) for each in columns.ticket)}]",
        f"item = {_text(columns.item)}",
        *(f"{role} = {_text(column)}" for role, column in when.items()),
        "",
        "[drop]",
        f"{_text(columns.item)} = [{', '.join(_text(each) for each in columns.drop)}]",
        "",
        "[items_table]",
        f"file = {_text(f'{folder.name}/items.csv')} # from this file",
        'from = "till_id"',
        'to = "sku"',
    ]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)
