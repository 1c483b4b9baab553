/** Signed garbage: a destination's secret was stolen, or Paddle sends what nobody has thought of. */
import { randomBytes } from "node:crypto";
import { openPublicListener, WEBHOOK_PATH } from "../../support/public-listener.ts";
import {
  eventBody,
  EVENT_TYPES,
  exposureData,
  keyData,
  rotationData,
} from "../../support/paddle-simulator/events.ts";
import { mustBeProblem, mustHideAll } from "../answers.ts";
import { mutateBytes, mutateJson, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, type Target } from "../target.ts";

const WORDS = [
  ...EVENT_TYPES,
  "transaction.completed",
  "evt_",
  "apikey_",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\u0000",
];
/** What goes to queues, addresses and logs. */
const SAFE_ID = /^[a-z]+_[A-Za-z0-9_-]{1,64}$/;
/** In every body where nothing has to be told of, and in no id: a line that has it quotes what was sent. */
const MARK = `mark!${randomBytes(12).toString("hex")}`;

export const webhookBody: Target = {
  name: "webhook-body",
  mustOccur: ["queued", "ignored", "400", "413"],
  async open() {
    const listener = await openPublicListener();
    const { queue, captured } = listener;
    return {
      async feed(random) {
        const payload = bodyFor(random);
        const before = { puts: queue.puts.length, lines: captured.lines.length };
        const answer = await listener.app.inject({
          method: "POST",
          url: WEBHOOK_PATH,
          headers: { "content-type": contentType(random), "paddle-signature": listener.sign(payload) },
          payload,
        });
        const { statusCode } = answer;
        mustBe(
          [200, 400, 413].includes(statusCode),
          `status ${statusCode} for ${payload.toString("base64")}`,
        );
        if (statusCode !== 200) mustBeProblem(answer, [MARK]);
        mustHideAll(JSON.stringify(captured.lines.slice(before.lines), withoutType), [MARK]);
        const put = queue.puts.slice(before.puts);
        for (const { keyId, intent, keyName } of put) {
          mustBe(SAFE_ID.test(keyId), `a job is about the key ${JSON.stringify(keyId)}`);
          mustBe(/^[\w.-]+$/.test(intent.id), `a job's id is ${JSON.stringify(intent.id)}`);
          mustBe(
            keyName === null || keyName === "billing-worker",
            `a job is about ${JSON.stringify(keyName)}`,
          );
        }
        mustHideAll(JSON.stringify(put), [MARK]);
        mustBe(put.length <= (statusCode === 200 ? 1 : 0), `${put.length} jobs and status ${statusCode}`);
        if (statusCode === 200) return put.length === 1 ? "queued" : "ignored";
        return String(statusCode);
      },
      [Symbol.asyncDispose]: () => listener.close(),
    };
  },
};

/** The type of an event is told of, whatever it says. */
function withoutType(name: string, value: unknown): unknown {
  return name === "eventType" ? null : value;
}

function bodyFor(random: Random): Buffer {
  const type = random.oneIn(6) ? "transaction.completed" : random.pick(EVENT_TYPES);
  const marked = { name: MARK, description: MARK, reference: MARK };
  const data = type.startsWith("api_key_exposure")
    ? { ...exposureData(), ...marked }
    : type.startsWith("api_key_rotation")
      ? { ...rotationData(), ...marked }
      : { ...keyData(), ...marked };
  const text = eventBody(type, data);
  switch (random.below(12)) {
    case 0:
      return Buffer.from(text);
    case 1:
      return random.bytes(random.below(400));
    case 2:
      return mutateBytes(random, Buffer.from(text));
    case 3:
      return Buffer.from(nested(random));
    case 4:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
    // Twice the same field: the last one counts, here as everywhere.
    case 5:
      return Buffer.from(text.replace("{", `{"event_type":"${random.pick(EVENT_TYPES)}","event_id":"x",`));
    case 6:
      return random.oneIn(40) ? Buffer.alloc(256 * 1024 + random.below(3), text) : Buffer.from(text);
    case 7:
    case 8:
      return Buffer.from(mutateText(random, text, WORDS));
    default:
      return Buffer.from(JSON.stringify(mutateJson(random, JSON.parse(text), WORDS)));
  }
}

function nested(random: Random): string {
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"data":', "}"],
  ] as const);
  const depth = random.pick([10, 1_000, 20_000]);
  return open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth);
}

function contentType(random: Random): string {
  return random.pick([
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "a",
    "x/y; charset=\u00ff",
  ]);
}
