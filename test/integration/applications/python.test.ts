/** docs/applications/python. */
import { resolve } from "node:path";
import { applicationContract } from "./application.contract.ts";
import { endpointContract } from "./endpoint.contract.ts";
import type { Language } from "./place.ts";
import { placesContract } from "./places.contract.ts";
import { ensureProgram } from "./programs.ts";

const python = ensureProgram({ name: "python3", aptPackage: "python3" });

const language: Language = {
  name: "Python",
  command: () => [python, resolve(import.meta.dirname, "samples/server.py")],
  remembers: true,
};

applicationContract(language);
placesContract(language);
endpointContract(language);
