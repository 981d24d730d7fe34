"""What is taken of a pasted text with certificates."""

from __future__ import annotations

import pytest
from certificates import Authority

from cartwheel.kit.certificates import BEGIN, END, certificates_in
from cartwheel.kit.errors import Invalid

ONE, OTHER = Authority().sign(), Authority().sign()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (ONE.certificate, ONE.certificate),
        (f"words\n{ONE.certificate}more", ONE.certificate),
        (ONE.certificate + OTHER.certificate, ONE.certificate + OTHER.certificate),
        (ONE.key + ONE.certificate + ONE.key, ONE.certificate),
    ],
)
def test_only_certificates_are_taken(text: str, taken: str) -> None:
    assert certificates_in(text, "ca_cert") == taken


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "No ca_cert specified in string x"),
        (BEGIN, f"No ca_cert specified in string {BEGIN}"),
        (f"{BEGIN}\nAAAA\n{END}", "Invalid ca_cert specified, error "),
        (f"{BEGIN}\nä\n{END}", "Invalid ca_cert specified, error "),
    ],
)
def test_what_is_no_certificate_is_refused(text: str, message: str) -> None:
    with pytest.raises(Invalid) as told:
        certificates_in(text, "ca_cert")

    assert told.value.message.startswith(message)
    assert told.value.field == "ca_cert"
