/** Asks Paddle about one key, and reads out of the answers what questions are about. */
import { z } from "zod";
import type { Clock, Json, PaddleObservation, PaddleObserver, PaddleQuestion } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";

/** Paddle did something that no question can be asked after. The message is for people. */
export class Stop extends Error {
  override readonly name = "Stop";
}

const Key = z.looseObject({
  status: z.string(),
  rotatable: z.boolean().nullish(),
  expires_at: z.string().nullish(),
  permissions: z.array(z.string()).nullish(),
});
export type KeySeen = z.output<typeof Key>;

const Rotation = z.looseObject({ id: z.string(), new_key: z.instanceof(Secret).optional() });
export type RotationSeen = z.output<typeof Rotation>;

export type Terms = { readonly graceSeconds: number; readonly newExpiry?: string | null };
export type Made = { readonly rotation: RotationSeen; readonly secret: Secret; readonly status: number };

export type Refused = { readonly refused: PaddleObservation };

/** The client itself keeps the silence that Paddle asks for. */
const MAX_TRIES = 4;
const PAUSE_MS = 1_000;

export class Asker {
  readonly keyId: string;
  readonly #paddle: PaddleObserver;
  readonly #clock: Clock;
  /** By their names in lower case: what any answer so far had. */
  readonly limits = new Set<string>();

  constructor(keyId: string, { paddle, clock }: { readonly paddle: PaddleObserver; readonly clock: Clock }) {
    this.keyId = keyId;
    this.#paddle = paddle;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  pause(ms: number): Promise<void> {
    return this.#clock.sleep(ms);
  }

  /** Any answer but those that pass: too many requests, and, for reads, faults of Paddle's. */
  async ask(question: PaddleQuestion): Promise<PaddleObservation> {
    for (let tries = 1; ; tries++) {
      const seen = await this.#paddle.observe(question);
      for (const name of Object.keys(seen.limits)) this.limits.add(name);
      const passes = seen.status === 429 || (seen.status >= 500 && question.method === "GET");
      if (!passes || tries === MAX_TRIES) return seen;
      if (seen.status !== 429) await this.#clock.sleep(PAUSE_MS);
    }
  }

  /** The key, asked for with a secret of it; `refused`: how Paddle refuses the secret. */
  async use(secret: Secret): Promise<{ readonly key: KeySeen } | Refused> {
    const seen = await this.ask({ method: "GET", path: this.#path(), as: secret });
    if (isSuccess(seen)) return { key: read(Key, seen, "the key") };
    // A key may always get itself, so whatever is forbidden here is the secret.
    if (seen.status === 401 || seen.status === 403) return { refused: seen };
    throw new Stop(`GET of the key itself was answered ${inWords(seen)}`);
  }

  async accepts(secret: Secret): Promise<boolean> {
    return "key" in (await this.use(secret));
  }

  /** A rotation, or how Paddle refuses to make one. */
  async rotate(as: Secret, terms: Terms): Promise<Made | Refused> {
    const seen = await this.ask({
      method: "POST",
      path: `${this.#path()}/rotations`,
      as,
      body: bodyOf(terms),
    });
    if (!isSuccess(seen)) return { refused: seen };
    const rotation = read(Rotation, seen, "a new rotation");
    if (!rotation.new_key) throw new Stop("Paddle made a rotation and did not show its secret");
    return { rotation, secret: rotation.new_key, status: seen.status };
  }

  async rotation(id: string, as: Secret): Promise<RotationSeen> {
    const seen = await this.ask({ method: "GET", path: `${this.#path()}/rotations/${id}`, as });
    if (!isSuccess(seen)) throw new Stop(`GET of a rotation was answered ${inWords(seen)}`);
    return read(Rotation, seen, "a rotation");
  }

  /** The first page, which has 200. */
  async rotations(as: Secret): Promise<readonly RotationSeen[]> {
    const seen = await this.ask({ method: "GET", path: `${this.#path()}/rotations?per_page=200`, as });
    if (!isSuccess(seen)) throw new Stop(`GET of the rotations was answered ${inWords(seen)}`);
    return read(z.array(Rotation), seen, "the list of rotations");
  }

  #path(): string {
    return `/api-keys/${this.keyId}`;
  }
}

export function isSuccess({ status }: PaddleObservation): boolean {
  return status >= 200 && status <= 299;
}

export function inWords({ status, code, fields }: PaddleObservation): string {
  return `${status}${code === null ? "" : ` ${code}`}${fields.length > 0 ? ` (${fields.join(", ")})` : ""}`;
}

function bodyOf({ graceSeconds, newExpiry }: Terms): Record<string, Json> {
  return {
    grace_period_seconds: graceSeconds,
    ...(newExpiry !== undefined && { new_key_expires_at: newExpiry }),
  };
}

function read<Output>(schema: z.ZodType<Output>, { data }: PaddleObservation, what: string): Output {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".") || "all of it");
  throw new Stop(`Paddle did not answer as documented: ${what} lacks ${fields.join(", ")}`);
}
