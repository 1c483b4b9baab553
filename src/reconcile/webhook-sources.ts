/** Notes from where Paddle delivers webhooks, for the listeners that take them from nowhere else. */
import type { Logger } from "pino";
import { onChange } from "../alerts/on-change.ts";
import type { Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";
import { SOURCES_SUBJECT } from "../core/webhook-sources.ts";
import { byEnvironment, type ReaderChoice } from "./readers.ts";

export type WebhookSourcesDeps = {
  readonly readers: ReaderChoice["readers"];
  readonly records: Records;
  /** Paddle's list for the account of the secret. Throws PaddleError. */
  readonly readWebhookSources: (secret: Secret) => Promise<readonly string[]>;
  readonly log: Logger;
};

/** Never throws: what cannot be read leaves what was noted before, and a sweep is no worse for it. */
export async function noteWebhookSources(deps: WebhookSourcesDeps): Promise<void> {
  // Any key may ask, whatever readWith says: it is the account that is asked about.
  for (const { environment, readers } of byEnvironment({ readers: deps.readers, readWith: null })) {
    const [reader] = readers;
    if (!reader) continue;
    try {
      await note(environment, reader.secret, deps);
    } catch (error) {
      deps.log.warn(
        { environment, reason: describeError(error) },
        "Paddle's webhook addresses could not be read; the last known ones hold",
      );
    }
  }
}

async function note(environment: string, secret: Secret, deps: WebhookSourcesDeps): Promise<void> {
  const sources = await deps.readWebhookSources(secret);
  await onChange(deps.records, `${SOURCES_SUBJECT}-${environment}`, sources, async ({ before }) => {
    deps.log.info({ environment, sources, before: before ?? null }, "Paddle's webhook addresses noted");
  });
}
