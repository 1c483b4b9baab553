/** The table of switches in the README is the one in the code. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DEFAULT_SWITCHES } from "../../support/paddle-simulator/switches.ts";

it("the README of the simulator names every switch with its default", () => {
  const path = new URL("../../support/paddle-simulator/README.md", import.meta.url);
  const rows = [...readFileSync(path, "utf8").matchAll(/^\| `(\w+)`\s+\| `([^`]+)`/gm)];
  const documented = rows.map(([, name = "", value = ""]) => [name, JSON.parse(value)]);
  expect(Object.fromEntries(documented)).toEqual(DEFAULT_SWITCHES);
});
