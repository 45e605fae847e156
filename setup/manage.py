"""Command line on databases with the subscription add-ons; one file per command in setup/commands/."""

from commands import main

if __name__ == "__main__":
    main()
