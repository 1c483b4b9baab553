import { defineConfig } from "vitest/config";

const layer = (name: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 60_000,
    globalSetup,
    setupFiles: ["test/support/seeded-properties.ts"],
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
      // Thousands of inputs to a property take seconds where other work keeps both cores.
      layer("unit", 30_000),
      layer("contract", 30_000, servers),
      layer("integration", 60_000, servers),
      layer("e2e", 120_000, servers),
      layer("fuzz", 60_000),
    ],
  },
});
