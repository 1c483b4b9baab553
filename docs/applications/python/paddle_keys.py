"""The key in use. PADDLE_KEYS is an env file, or a folder with a file for each key; unset: the environment."""
import hashlib
import os
import re
from pathlib import Path

PLACE = os.environ.get("PADDLE_KEYS")


def read(name):
    if not PLACE:
        return os.environ.get(name, "")
    if os.path.isdir(PLACE):
        file = Path(PLACE, name)
        return file.read_text().strip() if file.exists() else ""
    found = re.search(rf"""(?m)^\s*(?:export\s+)?{name}=["']?([^\s"'#]*)""", Path(PLACE).read_text())
    return found[1] if found else ""


def reload(refused=()):
    """Reads again. Returns the active key, or the old one if that was refused; None: there is no other."""
    global in_use
    old = read("OLD_PADDLE_KEY")  # Before the active one, which may replace it just now.
    active = read("ACTIVE_PADDLE_KEY")
    if not active:
        raise RuntimeError(f"there is no ACTIVE_PADDLE_KEY in {PLACE or 'the environment'}")
    other = next((key for key in (active, old) if key and key not in refused), None)
    in_use = other or active
    return other


def fingerprint():
    return "sha256:" + hashlib.sha256(in_use.encode()).hexdigest()[:16]


reload()
