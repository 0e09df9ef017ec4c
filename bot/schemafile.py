"""Prints docs/record-schema.json: how a record of a case bundle is written."""

import sys

from storage.bundle import codec

if __name__ == "__main__":
    sys.stdout.write(codec.schema())
