/** Where we load a part of undici by its file, it is the part that undici itself exports. */
import * as whole from "undici";
import { expect, it } from "vitest";
import * as parts from "../../../src/requests/undici.ts";

it("what we load of undici by its files is undici's own", () => {
  expect(parts.Agent).toBe(whole.Agent);
  expect(parts.buildConnector).toBe(whole.buildConnector);
});
