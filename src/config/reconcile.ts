/** The section `reconcile`: how often everything is looked at without a webhook, and who is told that it was. */
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import { Secret } from "../core/secret.ts";
import { duration, text } from "./fields.ts";
import { isLoopback } from "./loopback.ts";
import { section } from "./section.ts";

export type ReconcileConfig = {
  readonly everyMs: number;
  readonly silenceMs: number;
  /** null: no heartbeat. Monitors take whoever knows the address for the sender. */
  readonly heartbeat: Secret | null;
  /** The name of the key that reads what belongs to the whole account; null: the first that may. */
  readonly readWith: string | null;
  /** Where Paddle reaches this service; null: not said. */
  readonly publicUrl: string | null;
};

const ms = (written: string): number => parseDuration(written) ?? Number.NaN;

const heartbeat = text(
  "an https:// address (http:// only on this machine) without user and password",
  (input) => {
    const url = URL.parse(input);
    if (!url || url.username || url.password) return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
).transform((input) => new Secret(input));

const publicUrl = text(
  "the https:// address at which Paddle reaches this service, without user, password, ? and #",
  (input) => {
    const url = URL.parse(input);
    return url?.protocol === "https:" && !url.username && !url.password && !/[?#]/.test(input);
  },
);

export const reconcileSection = section({
  every: duration(
    "a duration such as 15m, from 1m to 24h",
    (every) => every >= ms("1m") && every <= ms("24h"),
  ).prefault("15m"),
  silence: duration(
    "a duration such as 24h, from 1h to 30d",
    (silence) => silence >= ms("1h") && silence <= ms("30d"),
  ).prefault("24h"),
  heartbeat: heartbeat.optional(),
  readWith: text("the name of a managed key", (name) => /^[a-z0-9-]{1,63}$/.test(name)).optional(),
  publicUrl: publicUrl.optional(),
}).transform((given): ReconcileConfig => ({
  everyMs: given.every,
  silenceMs: given.silence,
  heartbeat: given.heartbeat ?? null,
  readWith: given.readWith ?? null,
  publicUrl: given.publicUrl ?? null,
}));

const Joined = z.object({
  keys: z.array(z.object({ name: z.string() })),
  reconcile: z.object({
    everyMs: z.number(),
    silenceMs: z.number(),
    readWith: z.string().nullable(),
  }),
});

/** What the section must be to the rest of the file. The file may be at fault elsewhere. */
export function reconcileFits(file: unknown, context: z.RefinementCtx): void {
  const joined = Joined.safeParse(file).data;
  if (!joined) return;
  const { keys, reconcile } = joined;
  const fault = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: ["reconcile", field], message });
  if (reconcile.readWith !== null && !keys.some(({ name }) => name === reconcile.readWith))
    fault("readWith", "is not the name of a key in keys");
  if (reconcile.silenceMs <= reconcile.everyMs)
    fault("silence", "must be longer than every, or each sweep would come too late");
}
