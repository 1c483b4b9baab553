/** docs/applications/php. */
import { resolve } from "node:path";
import { applicationContract } from "./application.contract.ts";
import { endpointContract } from "./endpoint.contract.ts";
import type { Language } from "./place.ts";
import { placesContract } from "./places.contract.ts";
import { ensureProgram } from "./programs.ts";

const php = ensureProgram({ name: "php", aptPackage: "php-cli" });

const language: Language = {
  name: "PHP",
  command: (port) => [php, "-S", `127.0.0.1:${port}`, resolve(import.meta.dirname, "samples/server.php")],
  remembers: false,
  attest: [php, resolve(import.meta.dirname, "../../../docs/applications/php/attest.php")],
};

applicationContract(language);
placesContract(language);
endpointContract(language);
