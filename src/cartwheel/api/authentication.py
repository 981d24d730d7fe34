"""Session, token, password: in this order, on every endpoint."""

from __future__ import annotations

import base64
import binascii

from django.contrib.auth.models import AnonymousUser
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from cartwheel.registry.credentials import user_by_password, user_by_token
from cartwheel.registry.models import User


class SessionAuthentication(authentication.SessionAuthentication):
    """The cookie of a browser. Unsafe requests must prove that they come from our own pages."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class CsrfOnly(SessionAuthentication):
    """For signing in: nobody need be signed in, but the request must come from our own pages."""

    def authenticate(self, request: Request) -> None:
        self.enforce_csrf(request)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <40 hexadecimal digits>`; `Bearer` is taken as well."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, parts = _authorization(request)
        if scheme not in ("token", "bearer"):
            return None
        if not parts:
            raise exceptions.AuthenticationFailed("Invalid token header. No credentials provided.")
        if len(parts) > 1:
            raise exceptions.AuthenticationFailed(
                "Invalid token header. Token string should not contain spaces."
            )
        user = user_by_token(parts[0])
        if user is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        return user, None


class BasicAuthentication(authentication.BaseAuthentication):
    """`Authorization: Basic <base64 of user:password>`."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, parts = _authorization(request)
        if scheme != "basic":
            return None
        if not parts:
            raise exceptions.AuthenticationFailed("Invalid basic header. No credentials provided.")
        if len(parts) > 1:
            raise exceptions.AuthenticationFailed(
                "Invalid basic header. Credentials string should not contain spaces."
            )
        username, _, password = _decoded(parts[0]).partition(":")
        user = user_by_password(username, password, address=request.META.get("REMOTE_ADDR", ""))
        if user is None:
            raise exceptions.AuthenticationFailed("Invalid username/password.")
        return user, None


def _authorization(request: Request) -> tuple[str, list[str]]:
    """The scheme in lower case, and the words behind it."""
    scheme, *parts = request.META.get("HTTP_AUTHORIZATION", "").split() or [""]
    return scheme.lower(), parts


def _decoded(encoded: str) -> str:
    try:
        given = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        raise exceptions.AuthenticationFailed(
            "Invalid basic header. Credentials not correctly base64 encoded."
        ) from None
    try:
        return given.decode()
    except UnicodeDecodeError:
        return given.decode("latin-1")  # as older clients encode what is not ASCII


def signed_in(request: Request) -> User:
    """The user of a request that needs one. Raises NotAuthenticated."""
    if isinstance(request.user, AnonymousUser) or not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user
