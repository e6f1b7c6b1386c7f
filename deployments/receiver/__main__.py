"""`python -m deployments.receiver`: what `fillrate receiver` does, as a program of `fillrate up`."""

from deployments.cli import main

if __name__ == "__main__":
    main(["receiver"])
