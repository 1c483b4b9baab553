import { defineConfig } from "vitest/config";

type Layer = { readonly testTimeout: number; readonly globalSetup?: string[]; readonly isolate?: boolean };

const layer = (name: string, { testTimeout, globalSetup = [], isolate = true }: Layer) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 60_000,
    globalSetup,
    isolate,
    setupFiles: [...(isolate ? [] : ["test/support/fresh-modules.ts"]), "test/support/seeded-properties.ts"],
  },
});

// Real Redis and PostgreSQL, for the layers that need them: unit tests start nothing.
const servers = ["test/support/global-setup.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    // The slow files wait for timers and other processes more than they compute, also on two cores.
    maxWorkers: 2,
    // Concurrent tests wait for timers of other processes most of the time. More of them would start processes faster
    // than two cores can, and wait for that.
    maxConcurrency: 10,
    projects: [
      // Thousands of inputs to a property take seconds where other work keeps both cores. Hundreds of files that decide in
      // memory share a process: to start one for each, and load the same modules again, took as long as the tests.
      layer("unit", { testTimeout: 30_000, isolate: false }),
      layer("contract", { testTimeout: 30_000, globalSetup: servers }),
      layer("integration", { testTimeout: 60_000, globalSetup: servers }),
      layer("e2e", { testTimeout: 120_000, globalSetup: servers }),
      layer("fuzz", { testTimeout: 60_000 }),
    ],
  },
});
