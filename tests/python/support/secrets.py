"""What a host has handed out or was told, and must never write into its log."""

import base64
import json
from urllib.parse import quote

# Shorter ones stand in any log by chance, as a PIN of four digits does in a time.
SHORTEST = 8


class Secrets:
    def __init__(self):
        self._all = set()

    def add(self, *secrets):
        """A token, a PIN, a message: any text that is nobody else's business."""
        for secret in secrets:
            assert len(secret) >= SHORTEST, f"{secret} would be found by chance"
            self._all.add(secret)

    def assert_not_in(self, log):
        """Fails if any of them stands in the log, as it is or as it would be written there."""
        for secret in self._all:
            for written in spellings(secret):
                at = log.find(written)
                # The log around it, for whoever has to find where it was written.
                around = log[max(0, at - 300):at + len(written) + 100]
                assert at < 0, f"a secret stands in the log:\n{around}"


def spellings(text):
    """How a text may come to stand in a log."""
    data = text.encode()
    return {
        text,
        json.dumps(text)[1:-1],
        data.hex(),
        base64.b64encode(data).decode().rstrip("=")[:-1],
        quote(text, safe=""),
        ", ".join(map(str, data)),
    }
