"""What a process that only runs tasks knows of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cartwheel

SOURCE = Path(cartwheel.__file__).parents[1]


def test_a_worker_knows_every_task_function_though_it_has_loaded_no_page(tmp_path: Path) -> None:
    having_some = {module_of(path) for path in SOURCE.rglob("*.py") if "\n@task(" in path.read_text()}
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "cartwheel.settings", "CARTWHEEL_DATA": str(tmp_path)}
    load = "import django, sys; django.setup(); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", load], env=environ, capture_output=True, text=True, check=True
    )

    assert having_some - set(done.stdout.split()) == set()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)
