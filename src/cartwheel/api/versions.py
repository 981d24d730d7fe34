"""The versions that clients ask for. They check what a hub can do by the versions of the real one's
components, so these are the versions whose API is spoken here; our own is told beside them.
"""

from __future__ import annotations

CORE = "3.105.12"
ANSIBLE = "0.30.0"
CONTAINER = "2.27.10"
GALAXY = "4.12.0dev"

WORKER_VERSIONS = {
    "core": CORE,
    "file": CORE,
    "galaxy": GALAXY,
    "ansible": ANSIBLE,
    "certguard": CORE,
    "container": CONTAINER,
}
