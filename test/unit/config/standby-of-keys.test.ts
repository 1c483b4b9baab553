/** The standby of a key in a store of its own: no variable of a file holds two secrets. */
import { describe, expect, it } from "vitest";
import { faultsOf, FOLDER, read } from "./sources.ts";

/** Keys from `store` sections and, if given, `standby` stores. */
const keysWith = (...stores: readonly [store: string, standby?: string][]) =>
  stores
    .map(([store, standby], index) => {
      const also = standby === undefined ? "" : `    standby: { store: { type: env-file, ${standby} } }\n`;
      return `  - name: key-${index}\n    store: { type: env-file, ${store} }\n${also}`;
    })
    .reduce((yaml, key) => yaml + key, "keys:\n");

describe("the standby's store", () => {
  it("is none of its own unless it is named", () => {
    expect(read().keys[0]?.standby).toBeNull();
  });

  it("is a store like the key's", () => {
    const yaml = keysWith(["path: a.env", "path: ./b.env, variables: { standby: SPARE }"]);
    expect(read({ yaml }).keys[0]?.standby).toMatchObject({
      store: {
        type: "env-file",
        path: `${FOLDER}/b.env`,
        displayPath: "./b.env",
        variables: {
          active: "ACTIVE_PADDLE_KEY",
          old: "OLD_PADDLE_KEY",
          pending: "PENDING_PADDLE_KEY",
          standby: "SPARE",
        },
      },
    });
  });

  const NAMES_OF_B = "variables: { active: B, old: OLD_B, pending: PENDING_B, standby: SPARE_B }";

  it("may be shared by two keys whose names for all variables differ", () => {
    const yaml = keysWith(
      ["path: a.env", "path: spare.env"],
      ["path: b.env", `path: spare.env, ${NAMES_OF_B}`],
    );
    expect(read({ yaml }).keys).toHaveLength(2);
  });

  const REMEDY = "give the standby its own file, or its own names under variables";
  const taken = (slot: string, line: number, by: string, key = 0) =>
    `keys[${key}].standby.store.variables.${slot} (rotator.yaml:${line}): is the same variable of the same file as ${by}; ${REMEDY}`;

  it.each<[what: string, yaml: string, line: string]>([
    [
      "the file of the key itself",
      keysWith(["path: a.env", "path: ./a.env, variables: { standby: SPARE }"]),
      taken("active", 4, "keys[0].store.variables.active"),
    ],
    [
      "a variable of another key",
      keysWith(
        ["path: a.env", "path: b.env, variables: { active: A, old: B, pending: C, standby: OLD_PADDLE_KEY }"],
        ["path: b.env"],
      ),
      taken("standby", 4, "keys[1].store.variables.old"),
    ],
    [
      "the variable of another standby",
      keysWith(
        ["path: a.env", "path: spare.env"],
        ["path: b.env", `path: spare.env, ${NAMES_OF_B.replace("SPARE_B", "STANDBY_PADDLE_KEY")}`],
      ),
      taken("standby", 7, "keys[0].standby.store.variables.standby", 1),
    ],
    [
      "a variable in which another standby is rotated",
      keysWith(
        ["path: a.env", "path: spare.env"],
        ["path: b.env", `path: spare.env, ${NAMES_OF_B.replace("OLD_B", "OLD_PADDLE_KEY")}`],
      ),
      taken("old", 7, "keys[0].standby.store.variables.old", 1),
    ],
    [
      "its own notes",
      keysWith(["path: a.env", "path: b.env, variables: { active: SPARE, standby: SPARE }"]),
      "keys[0].standby.store.variables.standby (rotator.yaml:4): is the same as variables.active; every secret needs a variable of its own",
    ],
  ])("is refused if it takes %s", (_, yaml, line) => {
    expect(faultsOf({ yaml })).toEqual([line]);
  });

  it("must be named if there is a standby section", () => {
    const yaml = "keys:\n  - name: a\n    store: { type: env-file, path: a.env }\n    standby: {}\n";
    expect(faultsOf({ yaml })).toEqual([
      expect.stringContaining(
        "keys[0].standby.store (rotator.yaml:4): must be a section with a type, one of env-file",
      ),
    ]);
  });
});
