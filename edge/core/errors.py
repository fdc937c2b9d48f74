"""The errors of the appliance: three families, and callers choose by family.

    EdgeError
    + ContractError       what came in has the wrong shape; retrying cannot help
    + UnavailableError    the world is not there right now; retrying can help
    + TrustError          signature, version or expiry failed; never retried, always reported

A message has three parts: what was wanted, what came, and, where a person reads it, what to do.
"""


class EdgeError(Exception):
    """Anything the appliance itself reports."""


class ContractError(EdgeError):
    """What came in has the wrong shape; retrying cannot help."""


class ModelContractError(ContractError):
    """A model's bytes do not keep ``models/contract.toml``."""


class WireContractError(ContractError):
    """A message from outside does not keep its schema."""


class RequestContractError(ContractError):
    """A request over HTTP or the command line asks for something that is not there."""


class SiteContractError(ContractError):
    """A site folder has mistakes; ``mistakes`` lists all of them, one line each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class SettingsContractError(ContractError):
    """A settings file has mistakes; the message lists all of them, one line each."""


class UnavailableError(EdgeError):
    """The world is not there right now; retrying can help."""


class BrokerUnavailableError(UnavailableError):
    """The MQTT broker cannot be reached."""


class DeviceUnavailableError(UnavailableError):
    """A radio, camera or screen is not there."""


class StorageUnavailableError(UnavailableError):
    """The disk is full or read-only, so nothing can be recorded right now."""


class TrustError(EdgeError):
    """A signature, version or expiry failed; never retried, always reported."""
