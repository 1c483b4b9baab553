/** `${NAME}` in the configuration file: what it stands for, and that it can never be more than a value. */
import { describe, expect, it } from "vitest";
import { FILE, faultsOf, type Given, read } from "./sources.ts";

describe("${NAME} in the file", () => {
  it("stands for the environment variable", () => {
    expect(pathOf('"${ROOT}/${STAGE}.env"', { env: { ROOT: "/secrets", STAGE: "live" } })).toBe(
      "/secrets/live.env",
    );
  });

  it("stands for what is in the file that NAME_FILE names", () => {
    const given = { env: { ROOT_FILE: "/run/root" }, files: { "/run/root": "/secrets\n" } };
    expect(pathOf('"${ROOT}/a.env"', given)).toBe("/secrets/a.env");
  });

  it.each([
    ["${ROOT}", "${ROOT}"],
    ["a, variables: { active: EVIL }", "a, variables: { active: EVIL }"],
    ['x" # \n- name: evil', 'x" # \n- name: evil'],
    ["$&$1$$", "$&$1$$"],
  ])("takes the value %j as it is: no reference, no YAML, no pattern", (value, path) => {
    const config = read({
      env: { ROOT: value },
      yaml: "keys:\n  - name: a\n    store:\n      type: env-file\n      path: ${ROOT}\n",
    });
    expect(config.keys).toHaveLength(1);
    expect(config.keys[0]?.store).toMatchObject({
      displayPath: path,
      variables: { active: "ACTIVE_PADDLE_KEY" },
    });
  });

  it.each([
    ["$${ROOT}", "${ROOT}"],
    ["$$${ROOT}", "$${ROOT}"],
    ["$ROOT $5 $", "$ROOT $5 $"],
    ["$${ ${ROOT}", "${ /secrets"],
  ])("reads %s as %s", (written, path) => {
    expect(pathOf(JSON.stringify(written), { env: { ROOT: "/secrets" } })).toBe(path);
  });

  it.each([
    ["${MISSING}", "needs the environment variable MISSING, which is not set; set it or MISSING_FILE"],
    ["${EMPTY}", "needs the environment variable EMPTY, which is not set; set it or EMPTY_FILE"],
    [
      "${constructor}",
      "needs the environment variable constructor, which is not set; set it or constructor_FILE",
    ],
    ["${GONE}", "needs the environment variable GONE, but GONE_FILE names a file that does not exist"],
    [
      "${BOTH}",
      "needs the environment variable BOTH, but BOTH is set, and so is BOTH_FILE; keep one of the two",
    ],
    ["${}", "has ${ without a variable's name and }; write $${ where ${ is meant as it stands"],
    ["${not a name}", "has ${ without a variable's name and }; write $${ where ${ is meant as it stands"],
    ["${OPEN", "has ${ without a variable's name and }; write $${ where ${ is meant as it stands"],
  ])("refuses %s with the field's path", (written, message) => {
    const yaml = `keys:\n  - name: a\n    store:\n      type: env-file\n      path: ${JSON.stringify(written)}\n`;
    const env = { EMPTY: "", GONE_FILE: "/gone", BOTH: "a", BOTH_FILE: "/b" };
    expect(faultsOf({ yaml, env })).toEqual([`keys[0].store.path (rotator.yaml:5): ${message}`]);
  });

  it("says nothing else of a value that it could not replace", () => {
    const yaml = FILE.replace("billing\n", '"${NAME_OF_KEY}"\n');
    expect(faultsOf({ yaml })).toEqual([
      "keys[0].name (rotator.yaml:2): needs the environment variable NAME_OF_KEY, which is not set; set it or NAME_OF_KEY_FILE",
    ]);
  });

  it("is asked for once, however often a value needs it", () => {
    const yaml = FILE.replace("./secrets", '"${ROOT}/${ROOT}"').replace('"/billing.env', '/billing.env"');
    expect(faultsOf({ yaml })).toEqual([
      "keys[0].store.path (rotator.yaml:3): needs the environment variable ROOT, which is not set; set it or ROOT_FILE",
    ]);
  });

  it("is left alone in the names of fields", () => {
    expect(faultsOf({ yaml: `${FILE}"\${ROOT}": 1\n`, env: { ROOT: "keys" } })).toEqual([
      "(unprintable name) (rotator.yaml:4): is not a known field; known here: keys, reconcile, retention, alerts, admin, listeners, webhooks",
    ]);
  });
});

/** What the path of a key's store says, when it is written so in the file. */
function pathOf(written: string, given: Given = {}): string | undefined {
  const yaml = `keys: [{ name: a, store: { type: env-file, path: ${written} } }]`;
  const store = read({ ...given, yaml }).keys[0]?.store;
  return store?.type === "env-file" ? store.displayPath : undefined;
}
