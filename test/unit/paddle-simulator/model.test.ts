/** Whatever happens to a key, in whatever order, these things stay true. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authenticate, isAlive } from "../../support/paddle-simulator/account/authenticate.ts";
import { reactivate, revoke } from "../../support/paddle-simulator/account/dashboard.ts";
import { expose } from "../../support/paddle-simulator/account/expose.ts";
import { startRotation } from "../../support/paddle-simulator/account/rotate.ts";
import type { Switches } from "../../support/paddle-simulator/switches.ts";
import { DAY, openWorld, SECOND, START, type World } from "./in-memory.ts";

type Act =
  | { readonly act: "use"; readonly secret: number }
  | { readonly act: "rotate"; readonly secret: number; readonly graceSeconds: number }
  | { readonly act: "wait"; readonly ms: number }
  | { readonly act: "revoke" | "reactivate" | "expose" };

const act = <Name extends string>(name: Name) => fc.constant(name);
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ act: act("use"), secret: fc.nat(9) }),
    fc.record({ act: act("rotate"), secret: fc.nat(9), graceSeconds: fc.constantFrom(0, 1, 60, 86_400) }),
    fc.record({ act: act("wait"), ms: fc.constantFrom(1, SECOND, DAY, 9 * DAY) }),
    fc.record({ act: fc.constantFrom("revoke", "reactivate", "expose") }),
  ),
  { maxLength: 40 },
);

/** One key, every secret it ever had, and those that were once seen dead while the key was active. */
type Story = {
  readonly world: World;
  readonly id: string;
  readonly secrets: string[];
  readonly dead: Set<string>;
};

function begin(switches: Partial<Switches>): Story {
  const world = openWorld(switches);
  const { id, current } = world.createKey({ expiresAt: START + 60 * DAY });
  return { world, id, secrets: [current], dead: new Set() };
}

function perform({ world: { account, clock }, id, secrets }: Story, what: Act): void {
  switch (what.act) {
    case "use":
      authenticate(account, pick(secrets, what.secret));
      break;
    case "rotate": {
      const key = authenticate(account, pick(secrets, what.secret));
      const terms = { graceSeconds: what.graceSeconds, newKeyExpiresAt: undefined };
      if (key) secrets.push(startRotation(account, key, terms).newSecret);
      break;
    }
    case "wait":
      clock.advance(what.ms);
      break;
    case "revoke":
      whereAllowed(() => revoke(account, id, { by: "user" }));
      break;
    case "reactivate":
      whereAllowed(() => reactivate(account, id));
      break;
    case "expose":
      expose(account, id, { revoke: false });
  }
}

/** Among all secrets, so that dead and canceled ones are tried too. */
function pick(secrets: readonly string[], n: number): string {
  return secrets[n % secrets.length] ?? "";
}

/** The dashboard refuses some acts; that is an answer too. */
function whereAllowed(dashboardAct: () => void): void {
  try {
    dashboardAct();
  } catch {
    // Refused: nothing happened.
  }
}

function always(holds: (story: Story) => void, switches: Partial<Switches> = {}): void {
  fc.assert(
    fc.property(acts, (all) => {
      const story = begin(switches);
      for (const what of all) {
        perform(story, what);
        holds(story);
      }
    }),
    { numRuns: 300 },
  );
}

describe("an account", () => {
  it("has exactly these living secrets of an active key: current, in grace, pending", () => {
    always(({ world, id, secrets }) => {
      const { status, current, old, pending } = world.key(id);
      const expected = [current, ...old.map(({ secret }) => secret), ...(pending ? [pending.secret] : [])];
      const living = secrets.filter((secret) => isAlive(world.account, secret));
      expect(new Set(living)).toEqual(new Set(status === "active" ? expected : []));
    });
  });

  it("has at most one pending rotation of a key, and it is the last one", () => {
    always(({ world, id }) => {
      const statuses = world.key(id).rotations.map(({ status }) => status);
      expect(statuses.slice(0, -1)).not.toContain("pending");
    });
  });

  it("never brings back to life a secret that died while its key lived", () => {
    always(({ world, id, secrets, dead }) => {
      if (world.key(id).status !== "active") return;
      const living = new Set(secrets.filter((secret) => isAlive(world.account, secret)));
      expect([...dead].filter((secret) => living.has(secret))).toEqual([]);
      for (const secret of secrets) if (!living.has(secret)) dead.add(secret);
    });
  });

  it("keeps one old secret at most where Paddle does not stack them", () => {
    always(({ world, id }) => expect(world.key(id).old.length).toBeLessThanOrEqual(1), {
      oldSecrets: "end-at-completion",
    });
  });

  it("tells its events in order: by id, by time, and each change of a rotation once", () => {
    always(({ world, id }) => {
      const { events } = world.account;
      const inOrder = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(inOrder).toEqual(events);
      expect(events.toSorted((a, b) => a.occurredAt - b.occurredAt)).toEqual(events);
      const { rotations } = world.key(id);
      const updates = events.filter(({ type }) => type === "api_key_rotation.updated");
      expect(updates).toHaveLength(rotations.filter(({ status }) => status !== "pending").length);
      expect(new Set(updates.map(({ data }) => data.id)).size).toBe(updates.length);
    });
  });
});
