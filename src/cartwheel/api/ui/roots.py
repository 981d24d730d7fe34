"""What the web UI asks first: versions, settings, feature flags."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import URLPattern, path
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import origin
from cartwheel.api.views import GalaxyView

FLAGS: dict[str, bool] = {
    "legacy_roles": False,
    "display_repositories": True,
    "execution_environments": True,
    "ai_deny_index": False,
    "dab_resource_registry": True,
    "external_authentication": False,
}
SIGNING_FLAGS: dict[str, bool] = dict.fromkeys(
    (
        "collection_signing",
        "require_upload_signatures",
        "signatures_enabled",
        "can_upload_signatures",
        "can_create_signatures",
        "collection_auto_sign",
        "display_signatures",
        "container_signing",
    ),
    False,
)


class Root(GalaxyView):
    def get(self, request: Request) -> Response:
        return Response({"current_version": "v1", "available_versions": {"v1": "v1/"}})


class FeatureFlags(GalaxyView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    def get(self, request: Request) -> Response:
        return Response({**FLAGS, **SIGNING_FLAGS, "_messages": []})


class Settings(GalaxyView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    def get(self, request: Request) -> Response:
        """The settings that the web UI looks at, under the names that they have on the real hub."""
        return Response(_settings(origin(request)))


class LandingPage(GalaxyView):
    """The real hub has one on the service that Red Hat runs, and refuses it to everybody elsewhere."""

    def get(self, request: Request) -> Response:
        raise PermissionDenied


def _settings(at: str) -> dict[str, Any]:
    return {
        "GALAXY_ENABLE_UNAUTHENTICATED_COLLECTION_ACCESS": settings.CONFIG.anonymous_access != "nothing",
        "GALAXY_ENABLE_UNAUTHENTICATED_COLLECTION_DOWNLOAD": settings.CONFIG.anonymous_access == "download",
        "GALAXY_API_SPEC_REQUIRE_AUTHENTICATION": False,
        "GALAXY_FEATURE_FLAGS": FLAGS,
        "GALAXY_TOKEN_EXPIRATION": None,
        "GALAXY_REQUIRE_CONTENT_APPROVAL": settings.CONFIG.require_content_approval,
        "GALAXY_COLLECTION_SIGNING_SERVICE": None,
        "GALAXY_AUTO_SIGN_COLLECTIONS": False,
        "GALAXY_SIGNATURE_UPLOAD_ENABLED": False,
        "GALAXY_REQUIRE_SIGNATURE_FOR_APPROVAL": False,
        "GALAXY_MINIMUM_PASSWORD_LENGTH": None,
        "GALAXY_AUTH_LDAP_ENABLED": None,
        "GALAXY_CONTAINER_SIGNING_SERVICE": None,
        "GALAXY_LDAP_MIRROR_ONLY_EXISTING_GROUPS": False,
        "GALAXY_LDAP_DISABLE_REFERRALS": None,
        "KEYCLOAK_URL": None,
        "ANSIBLE_BASE_JWT_VALIDATE_CERT": False,
        "ANSIBLE_BASE_JWT_KEY": "https://localhost",  # not used; clients expect an address
        "ANSIBLE_BASE_ROLES_REQUIRE_VIEW": False,
        "DYNACONF_AFTER_GET_HOOKS": None,
        "ANSIBLE_API_HOSTNAME": at,
        "ANSIBLE_CONTENT_HOSTNAME": f"{at}/pulp/content",
        "CONTENT_ORIGIN": at,
        "TOKEN_SERVER": f"{at}/token/",
        "TOKEN_AUTH_DISABLED": False,
        "IS_CONNECTED_TO_RESOURCE_SERVER": False,
    }


urlpatterns: list[URLPattern] = [
    path("", Root.as_view()),
    path("v1/settings/", Settings.as_view()),
    path("v1/feature-flags/", FeatureFlags.as_view()),
    path("v1/landing-page/", LandingPage.as_view()),
]
