"""`python -m datastorage`: the same as the `datastorage` command."""

from datastorage.cli import main

main()
