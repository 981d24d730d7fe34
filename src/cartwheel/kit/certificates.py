"""Certificates in PEM, as people paste them."""

from __future__ import annotations

from cryptography.x509 import load_pem_x509_certificate

from cartwheel.kit.errors import Invalid

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
SHOWN = 1000  # characters of a text that is none


def certificates_in(text: str, field: str) -> str:
    """Just the certificates of a text, one after the other: a key that was pasted with them does not stay.

    Raises Invalid, for the field that it stands in, if there is none, or one that is not understood.
    """
    found = [
        f"{BEGIN}{body}{END}\n"
        for each in text.split(BEGIN)[1:]
        for body, end, _ in [each.partition(END)]
        if end
    ]
    if not found:
        raise Invalid(f"No {field} specified in string {text[:SHOWN]}", field=field)
    for each in found:
        try:
            load_pem_x509_certificate(each.encode("ascii"))
        except ValueError as problem:
            raise Invalid(f"Invalid {field} specified, error '{problem.args}'", field=field) from None
    return "".join(found)
