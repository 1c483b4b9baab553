/** What can be said of the account with the keys that Paddle accepts, and of the clock. */
import type { Config } from "../../config/config.ts";
import { identify } from "../../core/paddle-key.ts";
import type { PaddleApi } from "../../core/ports.ts";
import { byEnvironment, readWithFirst } from "../../reconcile/readers.ts";
import { type Bounds, within } from "./bounds.ts";
import { judgeClock, readClock } from "./clock-skew.ts";
import { type Finding, warning } from "./finding.ts";
import type { Looked } from "./key.ts";
import { judgePermissions } from "./permissions.ts";
import { judgeDestinations } from "./webhooks.ts";

export async function checkAccount(
  config: Config,
  looked: readonly Looked[],
  { paddle }: { readonly paddle: Pick<PaddleApi, "listDestinations"> },
  bounds: Bounds,
): Promise<Finding[]> {
  const readers = looked.flatMap(({ name: keyName, active, paddleKey }) => {
    return active && paddleKey
      ? [{ keyName, secret: active.secret, permissions: paddleKey.permissions }]
      : [];
  });
  const { readWith, publicUrl } = config.reconcile;
  const holders = readers.map(({ keyName: name, secret, permissions }) => {
    return { name, environment: identify(secret)?.environment ?? "unknown", permissions };
  });
  const replaces = looked.some(({ hasStandby }) => hasStandby);
  const accounts = byEnvironment({ readers, readWith });
  const destinations = await Promise.all(
    accounts.map(async (choice): Promise<Finding[]> => {
      const account = accounts.length > 1 ? choice.environment : null;
      const read = await within(bounds, "webhooks", "asking Paddle for its notification destinations", () =>
        readWithFirst(choice, "notification_setting.read", (secret) => paddle.listDestinations(secret)),
      );
      if (!read.done) return [read.finding];
      return read.value ? [judgeDestinations(read.value.result, publicUrl, account)] : [];
    }),
  );
  return [...destinations.flat(), ...judgePermissions(holders, { readWith, replaces })];
}

/** Where the date is read where the configuration names no other place. */
const PADDLE = { live: "https://api.paddle.com", sandbox: "https://sandbox-api.paddle.com" };

const CLOCK_MS = 5_000;

export async function checkClock(
  config: Config,
  looked: readonly Looked[],
  bounds: Bounds,
): Promise<Finding[]> {
  const environment = looked.flatMap(
    ({ active }) => (active && identify(active.secret)?.environment) ?? [],
  )[0];
  const root = config.paddle.apiUrl ?? new URL(PADDLE[environment ?? "live"]);
  const signal = AbortSignal.timeout(CLOCK_MS);
  const read = await within(bounds, "clock", `asking ${root.origin} for the time`, () =>
    readClock(new URL(root), bounds.clock, signal).catch(() => null),
  );
  if (read.done && read.value) return [judgeClock(read.value, config.webhook.toleranceMs)];
  return [
    warning(
      "clock",
      `it could not be compared with Paddle's: ${root.origin} does not say the time`,
      "check DNS, the firewall and TLS on the way to Paddle",
    ),
  ];
}
