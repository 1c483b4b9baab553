/** What Paddle last said about a key, kept for people and metrics: nobody asks Paddle to draw a page. It steers nothing. */
import type { Logger } from "pino";
import { z } from "zod";
import type { ApiKey } from "../core/paddle-key.ts";
import type { Clock, KeyAnswer, PaddleApi, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";

/** So old may what is shown of an unchanged key be. */
const HOUR_MS = 60 * 60_000;

const SeenKey = z.object({
  /** Epoch milliseconds: when Paddle said so. */
  at: z.number(),
  status: z.enum(["active", "expired", "revoked", "unknown"]),
  rotatable: z.boolean(),
  /** Epoch milliseconds; null: never. */
  expiresAt: z.number().nullable(),
  exposedAt: z.number().nullable(),
});
export type SeenKey = Readonly<z.output<typeof SeenKey>>;

/** null: Paddle was never asked about this key. Throws QueueError. */
export async function lastSeen(records: Pick<Records, "list">, keyId: string): Promise<SeenKey | null> {
  const [entry] = await records.list(listOf(keyId), { limit: 1 });
  return SeenKey.safeParse(entry?.value).data ?? null;
}

export type Memory = { readonly records: Records; readonly clock: Clock; readonly log: Logger };

/** `paddle`, with every answer about a key remembered in the background: no call waits for it or fails with it. */
export function rememberingKeys<Api extends Pick<PaddleApi, "ask">>(paddle: Api, memory: Memory): Api {
  const { records, clock, log } = memory;
  const written = new Map<string, SeenKey>();
  const write = async (keyId: string, seen: SeenKey): Promise<void> => {
    try {
      const entry = await records.append(listOf(keyId), seen);
      await records.trim(listOf(keyId), entry);
    } catch (error) {
      // The next answer is remembered in its place.
      if (written.get(keyId) === seen) written.delete(keyId);
      log.debug({ keyId, reason: describeError(error) }, "what Paddle said was not remembered");
    }
  };
  // In the order of the answers: what is written last is what is read.
  let writing = Promise.resolve();
  const remember = (key: ApiKey): void => {
    const seen = seenNow(key, clock.now());
    const last = written.get(key.id);
    if (last && isSame(last, seen) && Math.abs(seen.at - last.at) < HOUR_MS) return;
    written.set(key.id, seen);
    writing = writing.then(() => write(key.id, seen));
  };
  return {
    ...paddle,
    async ask(keyId, secret): Promise<KeyAnswer> {
      const answer = await paddle.ask(keyId, secret);
      if (answer.accepted) remember(answer.key);
      return answer;
    },
  };
}

function seenNow({ status, rotatable, expiresAt, exposedAt }: ApiKey, at: number): SeenKey {
  return { at, status, rotatable, expiresAt, exposedAt };
}

function isSame(a: SeenKey, b: SeenKey): boolean {
  return (
    a.status === b.status &&
    a.rotatable === b.rotatable &&
    a.expiresAt === b.expiresAt &&
    a.exposedAt === b.exposedAt
  );
}

function listOf(keyId: string): string {
  return `seen-key-${keyId}`;
}
