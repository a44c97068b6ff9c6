"""Whom these tests speak to by TLS: whoever holds the key that a host says it has."""

import asyncio
import hashlib
import ssl
from urllib.parse import urlsplit

SEQUENCE, VERSION = 0x30, 0xA0


async def trusting(url, fingerprint):
    """A context that takes the certificate shown at `url` now, whose key has to have this
    fingerprint, and no other."""
    shown = await shown_at(url)
    found = hashlib.sha256(public_key(shown)).hexdigest()
    assert found == fingerprint, f"the key is {found}, and was to be {fingerprint}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=shown)
    # Names say nothing on a network without authorities: the key is the identity.
    context.check_hostname = False
    return context


async def shown_at(url):
    """The certificate that is shown at an address, as DER."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    address = urlsplit(url)
    _, writer = await asyncio.open_connection(address.hostname, address.port, ssl=anybody)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return shown


def public_key(certificate):
    """The `SubjectPublicKeyInfo` of a certificate, as its bytes stand there."""
    _, signed, _ = element(certificate)
    _, body, _ = element(signed)
    fields = list(elements(body))
    if fields[0][0] == VERSION:
        del fields[0]
    # Serial number, signature, issuer, validity, subject; then the key.
    tag, whole = fields[5]
    assert tag == SEQUENCE
    return whole


def elements(data):
    """The tag and the bytes of each DER element in `data`."""
    while data:
        tag, _, length = element(data)
        yield tag, data[:length]
        data = data[length:]


def element(data):
    """The tag, the contents and the whole length of the DER element that `data` begins with."""
    tag, length, at = data[0], data[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
    return tag, data[at:at + length], at + length
