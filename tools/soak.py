"""Kill processes of a hub at random, for as long as one likes, on both databases; each minute another seed.

python tools/soak.py --minutes 10
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import torment
from hub import running_hub


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    end, seed = time.monotonic() + 60 * given.minutes, given.seed
    while time.monotonic() < end:
        for database in ("sqlite", "postgresql"):
            os.environ["CARTWHEEL_TEST_DATABASE"] = database
            with (
                tempfile.TemporaryDirectory() as folder,
                running_hub(Path(folder) / "data", workers="4") as hub,
            ):
                told = torment.torment(hub, 30, seed=seed)
                torment.check(hub, told)
            print(
                f"{database} seed {seed}: {len(told.tasks)} tasks, killed {told.kills}: all true", flush=True
            )
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
