"""``python -m forensics`` and the ``otadiff`` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from forensics.cli.main import main as run_command  # noqa: PLC0415 - the entry point itself imports nothing

    run_command()


if __name__ == "__main__":
    main()
