/** The managed keys with their stores, consumers and checks, and what is looked at once at start. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { createCheck } from "../checks/registry.ts";
import type { Attestations } from "../core/attestation.ts";
import type { ManagedKey } from "../core/managed-key.ts";
import { CLIENT_CLOSED, PaddleError } from "../core/errors.ts";
import { identify } from "../core/paddle-key.ts";
import type { Leases, Records } from "../core/ports.ts";
import { describeError } from "../core/public-error.ts";
import type { ManagedKeys } from "../rotation/managed-keys.ts";
import type { Adapters } from "./adapters.ts";

export type OpenKeysDeps = Pick<Adapters, "clock" | "openStore" | "openConsumer"> & {
  readonly records: Records & Leases;
  readonly attestations: Attestations;
};

/** In the order of the configuration. Nothing is asked yet. */
export function openKeys(configs: Config["keys"], deps: OpenKeysDeps): Promise<readonly ManagedKey[]> {
  const { clock, records, attestations, openStore, openConsumer } = deps;
  const needs = { clock, random: Math.random, records, attestations, env: process.env };
  return Promise.all(
    configs.map(async ({ name, store, standby, rotation, consumers, checks }): Promise<ManagedKey> => ({
      name,
      store: await openStore(store, { clock, leases: records, holds: "active" }),
      standbyStore: standby && (await openStore(standby.store, { clock, leases: records, holds: "standby" })),
      policy: rotation,
      consumers: await Promise.all(consumers.map((consumer) => openConsumer(consumer, needs))),
      checks: await Promise.all(
        checks.map((check) => createCheck(check, { keyName: name, clock, env: process.env })),
      ),
      standbyOf: null,
    })),
  );
}

/** Looks into every store once, so that what is wrong with one is known at start and not at 3 a.m. */
export async function survey(keys: ManagedKeys, log: Logger): Promise<void> {
  for (const { key, error } of await keys.survey()) {
    log.error(
      { keyName: key.name, store: key.store.location, reason: describeError(error) },
      "this key's store cannot be used",
    );
  }
}

/** Opens connections to Paddle before the first job needs them. Never throws. */
export async function warmUp(
  managed: readonly Pick<ManagedKey, "store">[],
  probe: (environment: "live" | "sandbox") => Promise<void>,
  log: Logger,
): Promise<void> {
  const reads = await Promise.allSettled(managed.map(({ store }) => store.read()));
  const environments = new Set(
    reads.flatMap((read) => {
      const active = read.status === "fulfilled" ? read.value.slots.active : null;
      return active ? (identify(active.secret)?.environment ?? []) : [];
    }),
  );
  for (const environment of environments) {
    try {
      await probe(environment);
    } catch (error) {
      // The start failed, or the process stops: that says nothing about Paddle.
      if (error instanceof PaddleError && error.code === CLIENT_CLOSED) return;
      log.warn(
        { environment, reason: describeError(error) },
        "Paddle does not answer; rotations will be tried again until it does",
      );
    }
  }
}
