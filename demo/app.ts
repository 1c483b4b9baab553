/**
 * The demo's sample application: calls Paddle twenty times a second with the key in its .env file, looks at the file
 * once a second, and says twice a second how it fares. It knows nothing of the rotator.
 * Usage: node demo/app.ts <.env file> <Paddle's address>
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "dotenv";

const CALL_EVERY_MS = 50;
const LOOK_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 500;

const [file, paddle] = process.argv.slice(2);
if (!file || !paddle) throw new Error("usage: node demo/app.ts <.env file> <Paddle's address>");

let key = currentKey(file);
let requests = 0;
let failed = 0;
let failingSince: number | null = null;
/** For how long no request went well, all in all. */
let downMs = 0;

function currentKey(path: string): string {
  return parse(readFileSync(path))["ACTIVE_PADDLE_KEY"] ?? "";
}

async function callPaddle(): Promise<void> {
  const sentAt = performance.now();
  const answer = await fetch(`${paddle}/event-types`, {
    headers: { Authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
  requests += 1;
  if (!answer?.ok) {
    failed += 1;
    failingSince ??= sentAt;
  } else if (failingSince !== null) {
    downMs += performance.now() - failingSince;
    failingSince = null;
  }
  await answer?.arrayBuffer();
}

function report(): void {
  const fingerprint = `sha256:${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  console.log(JSON.stringify({ requests, failed, downMs, isDown: failingSince !== null, fingerprint }));
}

setInterval(() => void callPaddle(), CALL_EVERY_MS);
setInterval(() => (key = currentKey(file)), LOOK_EVERY_MS);
setInterval(report, REPORT_EVERY_MS);
