/** What people read of an alert, in every channel. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageOf } from "../../../src/alerts/message.ts";
import { printable } from "../../../src/alerts/printable.ts";
import type { Alert } from "../../../src/core/alert.ts";
import { ALL_CLEAR, LEAKED, REMINDER } from "../../support/alerts/sample-alerts.ts";

describe("the headline", () => {
  it.each<readonly [string, Alert, string]>([
    [
      "says how severe it is, the key and the kind",
      LEAKED,
      "[critical] billing-worker: exposed secret lives",
    ],
    ["counts reminders", REMINDER, "[critical, reminder 2] billing-worker: exposed secret lives"],
    ["says that it is over", ALL_CLEAR, "[over] billing-worker: exposed secret dead"],
    [
      "names the key by its id where it is not managed",
      { ...LEAKED, keyName: null },
      "[critical] apikey_01kaa1b2c3d4e5f6g7h8j9k0mn: exposed secret lives",
    ],
    [
      "names the service where no key is concerned",
      { ...LEAKED, keyName: null, keyId: null, kind: "webhooks-missed", severity: "warning" },
      "[warning] paddle-key-rotator: webhooks missed",
    ],
    [
      "takes no other alert for a reminder",
      { ...LEAKED, id: `${LEAKED.id}-again-soon` },
      "[critical] billing-worker: exposed secret lives",
    ],
  ])("%s", (_, alert, headline) => {
    expect(messageOf(alert).headline).toBe(headline);
  });
});

describe("the facts", () => {
  it("name the incident where the message has another id", () => {
    expect(messageOf(LEAKED).facts.map(([fact]) => fact)).toEqual(["Key", "At", "Alert"]);
    expect(messageOf(REMINDER).facts).toContainEqual(["Incident", LEAKED.id]);
  });

  it("leave out a key where none is concerned", () => {
    expect(messageOf({ ...LEAKED, keyName: null, keyId: null }).facts.map(([fact]) => fact)).not.toContain(
      "Key",
    );
  });
});

describe("text from outside", () => {
  it("becomes one line without anything that hides or turns text", () => {
    expect(printable(" a\r\nb\t\u0000c\u202Ed\u200Be\u2028f\uFEFF\uD800 ", 100)).toBe("a b c d e f");
  });

  it("keeps letters and signs of every language", () => {
    expect(printable("Schlüssel 鍵 مفتاح 🔑", 100)).toBe("Schlüssel 鍵 مفتاح 🔑");
  });

  it("is never longer than it may be, nor cut within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, most) => {
        const shown = printable(text, most);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
