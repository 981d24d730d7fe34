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


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <40 hexadecimal digits>`; `Bearer` is taken as well."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() not in ("token", "bearer"):
            return None
        user = user_by_token(key.strip())
        if user is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        return user, None


class BasicAuthentication(authentication.BaseAuthentication):
    """`Authorization: Basic <base64 of user:password>`."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, colon, password = base64.b64decode(encoded.strip()).decode().partition(":")
        except (binascii.Error, ValueError):
            raise exceptions.AuthenticationFailed(
                "Invalid basic header. Credentials not correctly base64 encoded."
            ) from None
        user = user_by_password(username, password) if colon else None
        if user is None:
            raise exceptions.AuthenticationFailed("Invalid username/password.")
        return user, None


def signed_in(request: Request) -> User:
    """The user of a request that needs one. Raises NotAuthenticated."""
    if isinstance(request.user, AnonymousUser) or not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user
