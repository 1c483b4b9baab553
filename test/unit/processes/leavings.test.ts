/** What a start leaves behind is given back once, where Node lets us. */
import { expect, it } from "vitest";
import { clearLeavings } from "../../../src/processes/leavings.ts";

it("a start gives back all that it left behind, once", async () => {
  const asked: unknown[] = [];
  await clearLeavings((options?: unknown) => Promise.resolve(void asked.push(options)), 0);
  expect(asked).toEqual([{ type: "major", execution: "sync", flavor: "last-resort" }]);
});

it("a start without leave to do so goes on", async () => {
  await expect(clearLeavings(undefined, 0)).resolves.toBeUndefined();
});
