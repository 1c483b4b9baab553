/**
 * One instance of an application that uses a managed key: a process of its own. It reads the key when it starts and when
 * it is told, unless it is stubborn; then only a restart (POST /restart) helps. With ATTEST_URL it reads the file again
 * and again, and says by itself what it uses.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "dotenv";
import { Secret } from "../../src/core/secret.ts";

const { KEY_FILE = "", INSTANCE = "", STUBBORN, ATTEST_URL, ATTEST_TOKEN, CONSUMER } = process.env;
const READ_EVERY_MS = 500;

let fingerprint = "";

function reload(): void {
  const text = parse(readFileSync(KEY_FILE))["ACTIVE_PADDLE_KEY"] ?? "";
  fingerprint = new Secret(text).fingerprint();
}

async function attest(): Promise<void> {
  if (!ATTEST_URL) return;
  await fetch(ATTEST_URL, {
    method: "POST",
    headers: { authorization: `Bearer ${ATTEST_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ consumer: CONSUMER, instance: INSTANCE, fingerprint }),
  }).catch(() => {});
}

reload();
if (ATTEST_URL)
  setInterval(() => {
    if (!STUBBORN) reload();
    void attest();
  }, READ_EVERY_MS);

createServer((request, response) => {
  if (request.url === "/restart" || (request.url === "/reload" && !STUBBORN)) reload();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ id: INSTANCE, fingerprint }));
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => process.stdout.write("ready\n"));
