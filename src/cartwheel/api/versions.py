"""The releases of Galaxy NG and Pulp whose API this hub speaks.

Clients read them to decide what they may ask for (galaxykit looks for roles from galaxy_ng 4.6 on, pulp-cli
for its plugins), so they tell the level of the API and nothing about the software that answers here;
`cartwheel_version` in the root tells that.
"""

from __future__ import annotations

from typing import Any

import django

import cartwheel

GALAXY = "4.12.0dev"
CORE = "3.105.12"
ANSIBLE = "0.30.0"
CONTAINER = "2.27.10"

# component -> version, package, module, domain_compatible
COMPONENTS: dict[str, tuple[str, str, str, bool]] = {
    "core": (CORE, "pulpcore", "pulpcore.app", True),
    "certguard": (CORE, "pulpcore", "pulp_certguard.app", True),
    "file": (CORE, "pulpcore", "pulp_file.app", True),
    "container": (CONTAINER, "pulp-container", "pulp_container.app", True),
    "ansible": (ANSIBLE, "pulp-ansible", "pulp_ansible.app", True),
    "galaxy": (GALAXY, "galaxy-ng", "galaxy_ng.app", False),
}

# As Pulp says what one of its processes runs.
WORKER_VERSIONS = {component: details[0] for component, details in COMPONENTS.items()}


def components() -> list[dict[str, Any]]:
    """As the status of Pulp lists them."""
    return [
        {
            "component": component,
            "version": version,
            "package": package,
            "module": module,
            "domain_compatible": domain_compatible,
        }
        for component, (version, package, module, domain_compatible) in COMPONENTS.items()
    ]


def of_root() -> dict[str, str]:
    """As the root of the API says to whoever is signed in."""
    return {
        "server_version": GALAXY,
        "galaxy_ng_version": GALAXY,
        "galaxy_ng_commit": "",
        "galaxy_importer_version": "0.4.39",
        "pulp_core_version": CORE,
        "pulp_ansible_version": ANSIBLE,
        "pulp_container_version": CONTAINER,
        "ansible_base_version": "2025.12.12",
        "ansible_lint_version": "26.4.0",
        "dynaconf_version": "3.2.13",
        "django_version": django.__version__,
        "cartwheel_version": cartwheel.__version__,
    }
