/** Alerts to send: three as they are raised, and one as somebody hostile would like it to be. */
import type { Alert } from "../../../src/core/alert.ts";

export const RAISED_AT = Date.UTC(2026, 10, 21, 3, 4, 5);
const KEY = { keyName: "billing-worker", keyId: "apikey_01kaa1b2c3d4e5f6g7h8j9k0mn" };

export const LEAKED: Alert = {
  id: "exposed-secret-lives-apikey_01kaa1b2c3d4e5f6g7h8j9k0mn-0123456789abcdef",
  kind: "exposed-secret-lives",
  severity: "critical",
  ...KEY,
  happened:
    "billing-worker was rotated without a grace, and yet Paddle still accepts a secret sha256:0123456789abcdef.",
  action:
    "Now: if whoever has it can do harm, revoke apikey_01kaa1b2c3d4e5f6g7h8j9k0mn in Paddle > Developer tools > " +
    "Authentication, then hand another key over with `npm run rotator -- replace billing-worker`.",
  raisedAt: RAISED_AT,
  incident: {
    id: "exposed-secret-lives-apikey_01kaa1b2c3d4e5f6g7h8j9k0mn-0123456789abcdef",
    state: "open",
  },
};

export const REMINDER: Alert = {
  ...LEAKED,
  id: `${LEAKED.id}-again-2`,
  happened: `${LEAKED.happened} It has been so for 30m.`,
  raisedAt: RAISED_AT + 30 * 60_000,
};

export const ALL_CLEAR: Alert = {
  id: "exposed-secret-dead-apikey_01kaa1b2c3d4e5f6g7h8j9k0mn-0123456789abcdef",
  kind: "exposed-secret-dead",
  severity: "info",
  ...KEY,
  happened: "Paddle refuses the secret sha256:0123456789abcdef of billing-worker at last: it is dead.",
  action: null,
  raisedAt: RAISED_AT + 45 * 60_000,
  incident: { id: LEAKED.id, state: "over" },
};

const NASTY = [
  "<https://evil.example|click here> <!channel> <@U123> @everyone",
  `<img src=x onerror=alert(1)><a href="https://evil.example">look</a> "double" 'single' &amp;`,
  "\r\nBcc: victim@evil.example\r\n\r\nanother body\r\n.\r\n",
  "\u202Etxt.exe\u202C \u2066hidden\u2069 \u200B\uFEFF \u0000\u0007\u001B[31mred \uD800",
  "&".repeat(5_000),
  "😀".repeat(5_000),
].join(" ");

export const HOSTILE: Alert = {
  ...LEAKED,
  id: `hostile-${"x".repeat(300)}`,
  keyName: "billing\r\nBcc: victim@evil.example",
  keyId: "<!here>",
  kind: "not-rotatable\r\nBcc: victim@evil.example",
  happened: `It begins. ${NASTY}`,
  action: `It begins. ${NASTY}`,
  incident: { id: `hostile-${"y".repeat(300)}`, state: "open" },
};
