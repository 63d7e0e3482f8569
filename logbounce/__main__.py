"""`python -m logbounce`."""

from logbounce.cli.app import main

main()
