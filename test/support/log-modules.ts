/** To be preloaded with `--import`: writes the address of every module that the process loads into a file. */
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

const file = process.env["LOADED_MODULES"];
if (file === undefined) throw new Error("LOADED_MODULES is not set");

/** The packages inside Node that it loads when they are needed, by their names in a list that is not documented. */
const PACKAGE_OF_NODE = /^NativeModule internal\/deps\/(undici)\/undici$/;
const known = new Set<string>();

function packagesOfNode(): string[] {
  const loaded: readonly string[] = Reflect.get(process, "moduleLoadList");
  const names = loaded.flatMap((entry) => PACKAGE_OF_NODE.exec(entry)?.[1] ?? []);
  const added = names.filter((name) => !known.has(name));
  for (const name of added) known.add(name);
  return added.map((name) => `node:internal/deps/${name}`);
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    appendFileSync(file, `${[url, ...packagesOfNode()].join("\n")}\n`);
    return loaded;
  },
});
