"""What hearthd shows to who started it in a terminal, and to nobody else."""

import json
import os
import pty
import re
import select
import subprocess
import time

from support.host import HEARTHD

WORDS = re.compile(r"^  ((?:[a-z]+ ){7}[a-z]+)\r?$", re.MULTILINE)
LINK = re.compile(r"https?://\S+/#\S+")


def start(tmp_path, listen, stderr):
    command = [str(HEARTHD), "host", "--data", str(tmp_path), "--listen", listen]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def read_terminal(terminal, within_s=30):
    """What stands on the terminal once the words do, which come last."""
    said, end = b"", time.monotonic() + within_s
    while not WORDS.search(said.decode(errors="ignore")):
        left = end - time.monotonic()
        assert left > 0, said.decode(errors="replace")
        if select.select([terminal], [], [], left)[0]:
            said += os.read(terminal, 65536)
    return said.decode(errors="ignore")


def in_terminal(tmp_path, listen):
    """The first line, and what a terminal shows."""
    terminal, theirs = pty.openpty()
    host = start(tmp_path, listen, theirs)
    os.close(theirs)
    try:
        first = json.loads(host.stdout.readline())
        return first, read_terminal(terminal)
    finally:
        host.terminate()
        host.wait()
        os.close(terminal)


def test_a_terminal_shows_the_invitation_as_a_code_and_the_words(tmp_path):
    first, said = in_terminal(tmp_path, "0.0.0.0:0")
    link = LINK.search(said)
    assert link and link[0].endswith(f".{first['fingerprint']}")
    # The one on the first line makes its reader host; this one is for guests.
    assert link[0] != first["sign_in_url"]
    assert len([line for line in said.splitlines() if set(line) & set("▀▄█")]) > 15


def test_where_only_this_computer_gets_no_code_is_shown(tmp_path):
    _, said = in_terminal(tmp_path, "127.0.0.1:0")
    assert "--listen 0.0.0.0:4747" in said
    assert not LINK.search(said) and not set(said) & set("▀▄█")


def test_the_words_stay_the_same_and_a_log_never_has_the_invitation(tmp_path):
    _, said = in_terminal(tmp_path, "127.0.0.1:0")
    words = WORDS.search(said)[1]
    log = tmp_path / "log"
    with log.open("w") as file:
        host = start(tmp_path, "0.0.0.0:0", file)
        first = json.loads(host.stdout.readline())
        host.terminate()
        host.wait()
    logged = log.read_text()
    assert words in logged
    assert first["fingerprint"] not in logged and "#" not in logged
    assert not set(logged) & set("▀▄█")
