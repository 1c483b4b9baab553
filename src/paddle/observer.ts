/** Asks Paddle and returns the answer as it is, for `conformance`. Nothing that runs by itself uses it. */
import type { PaddleObserver } from "../core/ports.ts";
import { Secret } from "../core/secret.ts";
import type { Addresses } from "./address.ts";
import type { Call } from "./call.ts";
import type { Reader } from "./reader.ts";
import { readProblem } from "./reply.ts";

/** Fields that carry secrets (Paddle: API key rotations; Notification settings). */
const SECRET_FIELDS = new Set(["new_key", "endpoint_secret_key"]);

export function observer({ reader, addresses }: { reader: Reader; addresses: Addresses }): PaddleObserver {
  return {
    async observe({ method, path, as, body }) {
      const mayChange = method === "POST" ? "rotation" : "activation";
      const secret = as instanceof Secret ? as : null;
      const call: Call = { method, path, secret, mayChange, ...(body && { body }) };
      const root = as instanceof Secret ? addresses.for({ ...call, secret: as }) : addresses.of(as);
      const reply = await reader.answer(root, call);
      const problem = readProblem(reply, secret);
      return {
        status: reply.status,
        code: problem?.code ?? null,
        fields: problem?.fields ?? [],
        data: boxed(dataIn(reply.json)),
        limits: reply.limits ?? {},
      };
    },
  };
}

function dataIn(json: unknown): unknown {
  return typeof json === "object" && json !== null && "data" in json ? json.data : null;
}

/** The same with every secret in its box, so that nothing that is made of it can show one. */
function boxed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(boxed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, content]: [string, unknown]) => {
    const isSecret = SECRET_FIELDS.has(name) && typeof content === "string";
    return [name, isSecret ? new Secret(content) : boxed(content)];
  });
  return Object.fromEntries(entries) as unknown;
}
