import { defineConfig } from "vitest/config";

const layer = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 60_000 },
});

export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      layer("unit", 5_000),
      layer("contract", 30_000),
      layer("integration", 60_000),
      layer("e2e", 120_000),
    ],
  },
});
