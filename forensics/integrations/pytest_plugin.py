"""The pytest plugin ``otadiff``: asserts a transfer in a hardware-in-the-loop lab.

Every pytest run in the environment loads this module, so it imports nothing of otadiff until a test asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from forensics.integrations.transfer_assertion import TransferAssertion


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings of the plugin, all of whose names begin with ``otadiff``."""
    help = "folder for the reports of transfers that are not healthy (default: in pytest's base temporary folder)"
    parser.getgroup("otadiff", "firmware transfers").addoption("--otadiff-reports", metavar="DIR", help=help)
    parser.addini("otadiff_reports", help)


@pytest.fixture
def otadiff_transfer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TransferAssertion:
    """Asserts that an image arrived as it was sent: ``otadiff_transfer(sent, received, log=..., capture=...)``.

    The assertion fails with the diagnosis, and writes it as HTML and JSON beside. It gives the report of a healthy
    transfer.
    """
    from forensics.integrations.transfer_assertion import TransferAssertion, reports_folder  # noqa: PLC0415 - see above

    folder = reports_folder(request.config, tmp_path_factory)
    return TransferAssertion(test=request.node.nodeid, folder=folder, properties=request.node.user_properties)
