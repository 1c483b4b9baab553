/**
 * The demo's sample application: calls Paddle twenty times a second with the key that its .env file holds now,
 * and says twice a second how that goes. It knows nothing of the rotator: it reads the file again when it changes.
 * Usage: node demo/app.ts <.env file> <Paddle's address>
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { parse } from "dotenv";

const [file, paddle] = process.argv.slice(2);
if (!file || !paddle) throw new Error("usage: node demo/app.ts <.env file> <Paddle's address>");

let readAt = 0;
let key = "";
let requests = 0;
let failed = 0;

function currentKey(path: string): string {
  const changedAt = statSync(path).mtimeMs;
  if (changedAt !== readAt) {
    key = parse(readFileSync(path))["ACTIVE_PADDLE_KEY"] ?? "";
    readAt = changedAt;
  }
  return key;
}

async function callPaddle(path: string): Promise<void> {
  const headers = { Authorization: `Bearer ${currentKey(path)}` };
  const answer = await fetch(`${paddle}/event-types`, { headers, signal: AbortSignal.timeout(5_000) }).catch(
    () => null,
  );
  requests += 1;
  if (!answer?.ok) failed += 1;
  await answer?.arrayBuffer();
}

function report(): void {
  const fingerprint = `sha256:${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  console.log(JSON.stringify({ requests, failed, fingerprint }));
}

setInterval(() => void callPaddle(file), 50);
setInterval(report, 500);
process.on("disconnect", () => process.exit());
