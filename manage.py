#!/usr/bin/env python
"""The command line of Makegood."""

import os
import sys

from django.core.management import execute_from_command_line

from config.environment import WrongEnvironment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongEnvironment as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
