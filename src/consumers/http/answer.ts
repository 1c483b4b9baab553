/** What an application answers to `verify`. It is untrusted: bounded, checked, and nothing of it is repeated raw. */
import { z } from "zod";
import { MAX_INSTANCES, type Progress, type SwitchOver } from "../../core/consumer.ts";
import { refusal, setback } from "../faults.ts";
import { quoted } from "../../core/quoted.ts";
import { tally } from "../tally.ts";
import type { Answered } from "../../requests/exchange.ts";

// More fields may stand beside these: they are the application's own.
const Fingerprint = z.string().nullable();
const One = z.object({ fingerprint: Fingerprint });
const Several = z.object({
  instances: z.array(z.object({ id: z.string().min(1), fingerprint: Fingerprint })).max(MAX_INSTANCES),
});

/** Throws ConsumerError for an answer that says nothing of a secret. */
export function readAnswer(
  consumer: string,
  answer: Answered,
  { fingerprint }: SwitchOver,
  expect: number | null,
): Progress {
  const type = answer.header("content-type");
  if (type !== null && !/json|text\/plain|octet-stream/i.test(type))
    throw refusal(consumer, `answered with ${quoted(type)} instead of JSON`, "check verify");
  const json = parse(answer.body);
  const several = Several.safeParse(json);
  if (several.success) return tally(several.data.instances, fingerprint, expect);
  const one = One.safeParse(json);
  if (!one.success)
    throw setback(
      consumer,
      "answered, but not with its fingerprint",
      `let it answer {"fingerprint":"sha256:…"}, or {"instances":[{"id":"…","fingerprint":"sha256:…"}]} with ${MAX_INSTANCES} at most`,
    );
  if (expect !== null && expect > 1)
    throw refusal(
      consumer,
      `answers for one instance, but expect is ${expect}`,
      'let it answer {"instances":[{"id":"…","fingerprint":"sha256:…"}]}, or leave expect out',
    );
  return tally([{ id: consumer, fingerprint: one.data.fingerprint }], fingerprint, expect);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
