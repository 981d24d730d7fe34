"""Compare the documentation that the hub reads out of real collections with what ansible-doc says of them.

python tools/compare_docs.py ansible.posix community.general    # or all that the package `ansible` has
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from ansible_docs import as_ansible_doc_says, differences, documented, fragments_of, read, unpack
from real_collections import all_names, real_collection

SHOWN = 10  # differences of one collection


class _Tarballs(dict[str, Path]):
    """By the names of their collections; made when they are asked for."""

    def __contains__(self, name: object) -> bool:
        return name in all_names()

    def __missing__(self, name: str) -> Path:
        return real_collection(name)


def compare(name: str, tarballs: _Tarballs) -> int:
    """Print where they differ; gives the number of differences."""
    packed = tarballs[name]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        unpack(packed, root)
        theirs = as_ansible_doc_says(root, name)
    ours = documented(read(packed, elsewhere=fragments_of(tarballs)))
    found = differences(ours, theirs)
    print(f"{name}: {len(theirs)} plugins, {len(found)} differences", flush=True)
    for each in found[:SHOWN]:
        print(f"  {each}")
    return len(found)


def main() -> int:
    tarballs = _Tarballs()
    return min(sum(compare(name, tarballs) for name in sys.argv[1:] or all_names()), 1)


if __name__ == "__main__":
    sys.exit(main())
