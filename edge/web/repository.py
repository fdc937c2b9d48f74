"""Pass signed files on to the shop's other devices, so that a shop fetches a release once.

They need not trust this device: whoever takes a file verifies it. It needs only to give nothing
else away, which is ``edge/update/cache.py``'s to say.
"""

from flask import Blueprint, Response, abort, send_file

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve ``/repository/…`` as the repository itself lies there, with ranges."""
    repository = Blueprint("repository", __name__)

    @repository.get("/repository/<path:path>")
    def file(path: str) -> Response:
        found = services.passes_on(path)
        if found is None:
            abort(404)
        # Signed and checked by whoever takes it; a type would only invite a browser to look.
        return send_file(found, mimetype="application/octet-stream", conditional=True, etag=True)

    return repository
