/** Slack's own limits, where escapes make a text longer than it was. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { slackMessage } from "../../../src/alerts/channels/slack.ts";
import { SlackFake } from "../../support/alerts/slack-fake.ts";
import { LEAKED } from "../../support/alerts/sample-alerts.ts";

it("is taken by Slack whatever an alert says, and cuts no escape in two", () => {
  const slack = new SlackFake();
  const awkward = fc.string({
    unit: fc.constantFrom("&", "<", ">", "x", "😀", " "),
    minLength: 0,
    maxLength: 3_000,
  });
  fc.assert(
    fc.property(awkward, awkward, (happened, action) => {
      const body = JSON.stringify(slackMessage({ ...LEAKED, happened: `.${happened}`, action }));
      const headers = { "content-type": "application/json" };
      expect(slack.serve({ method: "POST", path: slack.path, headers, body }).body).toBe("ok");
      const { blocks = [] } = slack.messages.at(-1) ?? {};
      for (const block of blocks)
        if (block.type === "section") expect(block.text.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    }),
  );
});

it("brings no preview of a link, and makes none of a text that looks like one", () => {
  const message = slackMessage({ ...LEAKED, happened: "look at https://evil.example" });
  expect(message).toMatchObject({ unfurl_links: false, unfurl_media: false });
  expect(message.blocks[1]).toMatchObject({ text: { verbatim: true } });
});
