/** The secret keys of the notification destinations: several, so that a destination can be exchanged without a gap. */
import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { mustBe } from "./fields.ts";

const MIN_LENGTH = 16;
const WHERE = "Paddle > Developer tools > Notifications";

// What lies nearest in the dashboard: API keys, and the destination's id beside its secret key.
const LOOKALIKE = /^(pdl_(live|sdbx)_apikey_|ntfset_)/;

const error = mustBe("the secret keys (pdl_ntfset_…) of the notification destinations, separated by commas");

export const webhookSecrets = z.string({ error }).transform((input, context): readonly Secret[] => {
  const texts = input
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (texts.length === 0) context.addIssue({ code: "custom", message: error({ input }) });
  for (const [index, text] of texts.entries()) {
    const fault = faultOf(text);
    const which = texts.length === 1 ? "the secret" : `secret ${index + 1} of ${texts.length}`;
    if (fault) context.addIssue({ code: "custom", message: `${which} ${fault}` });
  }
  return texts.map((text) => new Secret(text));
});

/** What is wrong with a secret, in words that do not quote it; null: nothing. */
function faultOf(text: string): string | null {
  if (/\s/.test(text)) return "has white space inside; separate secrets by commas";
  if (LOOKALIKE.test(text))
    return `is an API key or a destination's id; copy the destination's secret key (pdl_ntfset_…) from ${WHERE}`;
  if (text.length < MIN_LENGTH) return `has fewer than ${MIN_LENGTH} characters; copy it whole from ${WHERE}`;
  return null;
}
