/** What `test-alert` answers where a channel of several people reached only some. The rest is in integration/admin/cli.test.ts. */
import { expect, it } from "vitest";
import { sendTestAlert } from "../../../src/cli/test-alert.ts";
import type { Config } from "../../../src/config/config.ts";
import { Secret } from "../../../src/core/secret.ts";

const ALERTS: Config["alerts"] = [
  { name: "mail", type: "slack", minSeverity: "info", url: new Secret("https://hooks.example.com/canary") },
];
const MISSED =
  "alert channel mail (email through localhost:25) refuses 1 of 2 addresses (gone@example.com, 550): check to";

it("test-alert fails where somebody was refused, and says who, though the others have it", async () => {
  const open = async () => ({ name: "mail", send: async () => ({ missed: MISSED }) });
  expect(await sendTestAlert({ alerts: ALERTS }, "mail", open, 0)).toEqual({
    ok: false,
    text: expect.stringMatching(
      /^failed {2}alert channel mail .*; all others got the test alert test-alert-mail-/,
    ),
    json: {
      ok: false,
      channel: "mail",
      alertId: expect.stringMatching(/^test-alert-mail-/),
      fault: MISSED,
    },
  });
});
