/** The configuration's words lead to the right store. */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { KeyConfig } from "../../../src/config/keys.ts";
import { createStore } from "../../../src/stores/registry.ts";
import { systemClock } from "../../../src/clock.ts";
import { memoryLeases } from "../../support/memory-leases.ts";
import { VARIABLES } from "../../support/env-file-place.ts";

describe("a store from the registry", () => {
  it("is an env file where the configuration says so, and touches nothing yet", async () => {
    const store = await createStore(
      {
        type: "env-file",
        path: "/nowhere/billing.env",
        displayPath: "./secrets/billing.env",
        variables: { ...VARIABLES, active: "PADDLE_KEY" },
      },
      { clock: systemClock, leases: memoryLeases(systemClock), holds: "active" },
    );
    expect(store.location).toBe("./secrets/billing.env (PADDLE_KEY)");
  });

  it("can be had for every kind of store that the configuration knows", () => {
    expectTypeOf<KeyConfig["store"]>().toExtend<Parameters<typeof createStore>[0]>();
  });
});
