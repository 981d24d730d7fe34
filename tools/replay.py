"""Play recorded requests to a fresh hub and count the answers that match; fails if they are too few.

python tools/replay.py PATH/TO/replay.py --at-least 400 [arguments of replay.py]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hub import CARTWHEEL, running_hub

SUMMARY = re.compile(r"^matched (\d+) of \d+ \(body\)", re.MULTILINE)
# The recordings stop an import that is under way. Here it may have ended before the stop arrives: then these
# answers rightly differ, and nobody can say before who will be first.
RACED = re.compile(r"^import_cancel(ed_\w+)?: ", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--at-least", type=int, default=0)
    given, rest = parser.parse_known_args()
    output = play(given.program, rest)
    found = SUMMARY.search(output)
    matched = int(found.group(1)) + len(RACED.findall(output)) if found else 0
    if matched < given.at_least:
        print(f"replay: {matched} answers match; {given.at_least} did before.", file=sys.stderr)
        return 1
    if matched > given.at_least:
        print(f"replay: {matched} answers match; write that number into .ci/replay-matched.")
    return 0


def play(program: Path, arguments: list[str]) -> str:
    """Run the replay against a hub of its own; what it printed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_hub(Path(folder) / "data", admin_password="admin") as hub,
    ):
        command = [
            *(sys.executable, str(program), "--url", hub.api),
            *("--console", f"{CARTWHEEL} console -c {{code}}"),
            *arguments,
        ]
        done = subprocess.run(command, env=hub.environ, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
