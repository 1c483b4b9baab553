/** docs/applications/node. */
import { resolve } from "node:path";
import { applicationContract } from "./application.contract.ts";
import { endpointContract } from "./endpoint.contract.ts";
import type { Language } from "./place.ts";
import { placesContract } from "./places.contract.ts";

const language: Language = {
  name: "Node.js",
  command: () => [process.execPath, resolve(import.meta.dirname, "samples/server.mjs")],
  remembers: true,
};

applicationContract(language);
placesContract(language);
endpointContract(language);
