"""`aman`, also as `python -m bot`."""

import sys


def main() -> None:
    """Carry out the command line and end with its exit code, also where it is stopped at once."""
    try:
        from bot import cli  # noqa: PLC0415 - it takes a second, in which somebody presses Ctrl-C

        code = cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
