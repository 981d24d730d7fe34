"""Kill processes of a hub and of PostgreSQL at random, for as long as one likes; each minute another seed.

First comes what is searched at random, and with very many tasks.

python tools/soak.py --minutes 10
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

os.environ["DJANGO_SETTINGS_MODULE"] = "settings_for_tests"

import django

django.setup()

from own_server import own_server
from torment import torment


def look_longer() -> None:
    """Run those tests that can be made as long as one likes."""
    longer = {
        "CARTWHEEL_TEST_ROWS": "100000",
        "CARTWHEEL_TEST_EXAMPLES": "500",
        "CARTWHEEL_TEST_RACE_TIMES": "1000",
    }
    names = [f"tests/engine/test_{name}.py" for name in ("plans", "state_machine", "races")]
    for database in ("sqlite", "postgresql"):
        environ = os.environ | longer | {"CARTWHEEL_TEST_DATABASE": database}
        subprocess.run([sys.executable, "-m", "pytest", "-q", *names], env=environ, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    look_longer()
    end, seed = time.monotonic() + 60 * given.minutes, given.seed
    while time.monotonic() < end:
        for database in ("sqlite", "postgresql"):
            with (
                tempfile.TemporaryDirectory() as folder,
                own_server() if database == "postgresql" else nullcontext() as server,
                torment(Path(folder) / "w", seed=seed, server=server) as hub,
            ):
                hub.kill_for(60)
                count = hub.finish()
            print(f"{database} seed {seed}: {count} tasks, killed {dict(hub.kills)}: all true", flush=True)
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
