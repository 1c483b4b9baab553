/** Tells others that everything is looked after. */
import type { Logger } from "pino";
import { RotatorError } from "../core/errors.ts";
import { codeOf, describeError } from "../core/public-error.ts";
import type { Secret } from "../core/secret.ts";

const HEARTBEAT_MS = 5_000;

/** The part of `fetch` that is used. */
export type Get = (
  url: string,
  options: { readonly redirect: "manual"; readonly signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}>;

/**
 * Tells a monitor that a sweep went well; its silence is then the alarm. Never throws. The address is a secret, but for
 * its host.
 */
export async function beat(url: Secret, { get, log }: { get: Get; log: Logger }): Promise<void> {
  const host = URL.parse(url.reveal())?.host;
  try {
    const options = { redirect: "manual", signal: AbortSignal.timeout(HEARTBEAT_MS) } as const;
    const { status, body } = await get(url.reveal(), options);
    await body?.cancel();
    if (status < 200 || status > 299)
      log.warn({ host, status }, "the heartbeat was not taken: check reconcile.heartbeat");
  } catch (error) {
    log.warn({ host, reason: reasonOf(error) }, "the heartbeat could not be sent: check reconcile.heartbeat");
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${HEARTBEAT_MS / 1_000} s`;
  const code = error instanceof RotatorError ? null : codeOf(error);
  return code === null ? describeError(error) : `no answer (${code})`;
}
