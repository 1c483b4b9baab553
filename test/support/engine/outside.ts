/** What keeps the engine informed: Paddle's webhooks, and the sweep that finds what no webhook told. */
import type { Alerts } from "../../../src/core/ports.ts";
import type { Work } from "../../../src/core/work.ts";
import { checkKey } from "../../../src/reconcile/key-check.ts";
import { simulatedPaddle } from "./simulated-paddle.ts";
import type { World } from "./world.ts";

export const SWEEP_MS = 15 * 60_000;
/** As the plan of the webhooks has it. */
const INSPECT_AFTER_MS = 5_000;

export class Outside {
  readonly #world: World;
  /** So many of Paddle's events were seen. */
  #seen = 0;

  constructor(world: World) {
    this.#world = world;
    this.news();
  }

  /** The work that Paddle's webhooks ask for since the last time. */
  news(): Work[] {
    const { account } = this.#world;
    const rotations = account.events.slice(this.#seen).flatMap(({ id, type, occurredAt, data }): Work[] => {
      if (!type.startsWith("api_key_rotation.") || !("api_key_id" in data)) return [];
      const intent = { id, kind: "foreign-rotation", requestedAt: occurredAt } as const;
      const inspected = { what: "rotation", rotationId: data.id } as const;
      return [{ job: "inspect", keyName: "billing", keyId: data.api_key_id, intent, eventId: id, inspected }];
    });
    this.#seen = account.events.length;
    return [...this.#world.deliver(), ...rotations];
  }

  /** A webhook comes. */
  accept(work: Work): void {
    this.#world.jobs.add(work, work.job === "inspect" ? INSPECT_AFTER_MS : 0);
  }

  async sweep(): Promise<void> {
    const { account, records, clock, jobs, alerts: told, store, standbyStore, policy } = this.#world;
    const alerts: Alerts = {
      raise: async (alert) => {
        if (!told.some(({ id }) => id === alert.id)) told.push(alert);
      },
    };
    const paddle = simulatedPaddle(account);
    const deps = { paddle, records, clock, queue: jobs, everyMs: SWEEP_MS, alerts };
    await checkKey(
      { name: "billing", store, standbyStore, policy, consumers: [], checks: [], standbyOf: null },
      true,
      deps,
    );
  }
}
