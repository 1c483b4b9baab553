/** The key in use. PADDLE_KEYS is an env file, or a folder with a file for each key; unset: the environment. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util"; // Node.js 20.12

const place = process.env.PADDLE_KEYS;
export let inUse;

function read(name) {
  if (!place) return process.env[name];
  if (!statSync(place).isDirectory()) return parseEnv(readFileSync(place, "utf8"))[name];
  return existsSync(`${place}/${name}`) ? readFileSync(`${place}/${name}`, "utf8").trim() : "";
}

/** Reads again. Returns the active key, or the old one if that was refused; undefined: there is no other. */
export function reload(refused = []) {
  const old = read("OLD_PADDLE_KEY"); // Before the active one, which may replace it just now.
  const active = read("ACTIVE_PADDLE_KEY");
  if (!active) throw new Error(`there is no ACTIVE_PADDLE_KEY in ${place ?? "the environment"}`);
  const other = [active, old].find((key) => key && !refused.includes(key));
  inUse = other ?? active;
  return other;
}

export const fingerprint = () => `sha256:${createHash("sha256").update(inUse).digest("hex").slice(0, 16)}`;
reload();
