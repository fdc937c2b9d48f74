"""``edge site schemas``: write the JSON Schemas of a site folder's files, for editors."""

from pathlib import Path

import click
import orjson

from edge.catalog.schemas import schemas as schemas_of_a_site


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
def schemas(out: Path) -> None:
    """Write one JSON Schema per kind of file, so that an editor checks what somebody writes.

    First line of a file for VS Code (extension YAML):
    # yaml-language-server: $schema=../schemas/offers.schema.json
    """
    out.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas_of_a_site().items():
        path = out / f"{name}.schema.json"
        path.write_bytes(orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n")
        click.echo(str(path))
