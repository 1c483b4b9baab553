/** What an operator reads when rotator.yaml is wrong: exact lines, with the field's path and its line in the file. */
import { describe, expect, it } from "vitest";
import { FILE, faultsOf, read } from "./sources.ts";

const NAME = "must be 1 to 63 of a-z, 0-9 and - (in quotes if it is a number)";
const KEYS = "must be a list with one entry, beginning with - name:, for each managed key";
const LIFETIME =
  "must be a duration such as 90d, longer than 7d and at most 3650d (Paddle warns 7 days before the expiry: a shorter life would mean rotating without end)";
const GRACE = "must be a duration such as 1h, from 0 to 24h (the longest that Paddle grants)";
const MISSING = `a quote, bracket, comma, colon or space is missing here or above, or the indentation does not fit; put values that hold any of : # { } [ ] , & * ! | > % @ into "quotes"`;
const VARIABLE = "must be a variable name: letters, digits and _, not beginning with a digit";
const STORE = "{ type: env-file, path: a.env }";

/** One key without fault but for what is added to it. */
const keyWith = (more: string) => `keys:\n  - name: billing\n    store: ${STORE}\n    ${more}\n`;
const storeWith = (more: string) => `keys:\n  - name: billing\n    store: { ${more} }\n`;

const TYPES = "env-file, aws-secrets-manager, vault, kubernetes, google-secret-manager, azure-key-vault";

describe("a faulty field is reported in one line that says where it is and what to do", () => {
  it.each<[yaml: string, line: string]>([
    [
      "",
      "rotator.yaml:1: must be a section with fields (known here: keys, reconcile, retention, alerts, admin, listeners, webhooks)",
    ],
    [
      "- keys",
      "rotator.yaml:1: must be a section with fields (known here: keys, reconcile, retention, alerts, admin, listeners, webhooks)",
    ],
    ["{}", `keys (rotator.yaml:1): is missing; it ${KEYS}`],
    ["# none yet\nkeys: []", `keys (rotator.yaml:2): ${KEYS}`],
    ["keys: { billing: {} }", `keys (rotator.yaml:1): ${KEYS}`],
    [
      "keys:\n  - billing",
      "keys[0] (rotator.yaml:2): must be a section with fields (known here: name, store, rotation, standby, consumers, checks, alerts)",
    ],
    [`keys:\n  - store: ${STORE}`, `keys[0].name (rotator.yaml:2): is missing; it ${NAME}`],
    [`keys:\n  - name: 42\n    store: ${STORE}`, `keys[0].name (rotator.yaml:2): ${NAME}`],
    [`keys:\n  - name: Billing\n    store: ${STORE}`, `keys[0].name (rotator.yaml:2): ${NAME}`],
    [`keys:\n  - name: ${"a".repeat(64)}\n    store: ${STORE}`, `keys[0].name (rotator.yaml:2): ${NAME}`],
    [
      `keys:\n  - name: one\n    store: ${STORE}\n  - name: one\n    store: { type: env-file, path: b.env }`,
      "keys[1].name (rotator.yaml:4): is also the name of keys[0]; every key needs its own",
    ],
    [
      "keys:\n  - name: billing",
      `keys[0].store (rotator.yaml:2): must be a section with a type, one of ${TYPES}`,
    ],
    [storeWith("path: a.env"), `keys[0].store.type (rotator.yaml:3): must be one of ${TYPES}`],
    [storeWith("type: vaultt"), `keys[0].store.type (rotator.yaml:3): must be one of ${TYPES}`],
    [
      storeWith("type: env-file"),
      "keys[0].store.path (rotator.yaml:3): is missing; it must be the path of a file",
    ],
    [
      storeWith('type: env-file, path: " "'),
      "keys[0].store.path (rotator.yaml:3): must be the path of a file",
    ],
    [
      storeWith('type: env-file, path: "a\\0.env"'),
      "keys[0].store.path (rotator.yaml:3): must be the path of a file",
    ],
    [
      storeWith("type: env-file, path: a.env, variables: { active: 1ST }"),
      `keys[0].store.variables.active (rotator.yaml:3): ${VARIABLE}`,
    ],
    [
      storeWith("type: env-file, path: a.env, variables: { actve: KEY }"),
      "keys[0].store.variables.actve (rotator.yaml:3): is not a known field; did you mean active?",
    ],
    [
      storeWith("type: env-file, path: a.env, variables: { active: KEY, old: KEY }"),
      "keys[0].store.variables.old (rotator.yaml:3): is the same as variables.active; every secret needs a variable of its own",
    ],
    [
      `keys:\n  - name: one\n    store: ${STORE}\n  - name: two\n    store: { type: env-file, path: ./x/../a.env }`,
      "keys[1].store.variables.active (rotator.yaml:5): is the same variable of the same file as keys[0].store.variables.active; give each key its own file, or its own names under variables",
    ],
    [
      `keys:\n  - name: one\n    store: ${STORE}\n  - name: two\n    store: { type: env-file, path: /srv/rotator/a.env, variables: { active: A, old: B, pending: C, standby: OLD_PADDLE_KEY } }`,
      "keys[1].store.variables.standby (rotator.yaml:5): is the same variable of the same file as keys[0].store.variables.old; give each key its own file, or its own names under variables",
    ],
    [keyWith("rotation: { lifetime: 7d }"), `keys[0].rotation.lifetime (rotator.yaml:4): ${LIFETIME}`],
    [keyWith("rotation: { lifetime: 3651d }"), `keys[0].rotation.lifetime (rotator.yaml:4): ${LIFETIME}`],
    [keyWith("rotation: { lifetime: 90 }"), `keys[0].rotation.lifetime (rotator.yaml:4): ${LIFETIME}`],
    [keyWith("rotation: { lifetime: 0 }"), `keys[0].rotation.lifetime (rotator.yaml:4): ${LIFETIME}`],
    [
      keyWith("rotation:\n      lifetime:"),
      `keys[0].rotation.lifetime (rotator.yaml:5): is missing; it ${LIFETIME}`,
    ],
    [keyWith("rotation: { grace: 86401s }"), `keys[0].rotation.grace (rotator.yaml:4): ${GRACE}`],
    [keyWith("rotation:\n      grace: -1s"), `keys[0].rotation.grace (rotator.yaml:5): ${GRACE}`],
    [keyWith("rotation: { grace: 60 }"), `keys[0].rotation.grace (rotator.yaml:4): ${GRACE}`],
    [keyWith("rotation: { grace: [1h] }"), `keys[0].rotation.grace (rotator.yaml:4): ${GRACE}`],
    [
      keyWith("rotation:"),
      "keys[0].rotation (rotator.yaml:4): must be a section with fields (known here: every, renewBefore, lifetime, grace, window, jitter, onExposure, foreignRotation, revokeFirstsPerHour, overlap)",
    ],
    [
      keyWith("rotation: { lifetme: 90d }"),
      "keys[0].rotation.lifetme (rotator.yaml:4): is not a known field; did you mean lifetime?",
    ],
    [
      keyWith("rotation: { graec: 1h }"),
      "keys[0].rotation.graec (rotator.yaml:4): is not a known field; did you mean grace?",
    ],
    [
      storeWith("type: env-file, path: a.env, variables: { id: KEY }"),
      "keys[0].store.variables.id (rotator.yaml:3): is not a known field; known here: active, old, pending, standby",
    ],
    [
      keyWith("rotation: { id: 60d }"),
      "keys[0].rotation.id (rotator.yaml:4): is not a known field; known here: every, renewBefore, lifetime, grace, window, jitter, onExposure, foreignRotation, revokeFirstsPerHour, overlap",
    ],
    [
      keyWith("listeners: []"),
      "keys[0].listeners (rotator.yaml:4): is not a known field; known here: name, store, rotation, standby, consumers, checks, alerts",
    ],
    [
      `${FILE}pagers: {}\n`,
      "pagers (rotator.yaml:4): is not a known field; known here: keys, reconcile, retention, alerts, admin, listeners, webhooks",
    ],
    [
      keyWith("rotation: { grace: 10m }\n    consumers: [{ name: billing, type: none }]"),
      "keys[0].rotation.grace (rotator.yaml:4): must be at least 20m: billing may hold the old secret for 5m (refresh) and take 10m to be rolled out (timeout), and 5m are a margin; raise grace, or lower refresh or timeout",
    ],
    [
      keyWith("alerts: [oncal]") + "alerts: { oncall: { type: slack, url: https://hooks.example.com/1 } }\n",
      "keys[0].alerts[0] (rotator.yaml:4): is not the name of a channel in the section alerts; did you mean oncall?",
    ],
    [`${FILE}Keys: []\n`, "Keys (rotator.yaml:4): is not a known field; did you mean keys?"],
    [
      `${FILE}__proto__: {}\n`,
      "__proto__ (rotator.yaml:4): is not a known field; known here: keys, reconcile, retention, alerts, admin, listeners, webhooks",
    ],
    [
      `${FILE}"bell \\u0007\\n": 1\n`,
      "(unprintable name) (rotator.yaml:4): is not a known field; known here: keys, reconcile, retention, alerts, admin, listeners, webhooks",
    ],
  ])("%#: $1", (yaml, line) => {
    expect(faultsOf({ yaml })).toEqual([line]);
  });

  it("finds the line of a field behind an alias", () => {
    const yaml = `keys:
  - name: one
    store: { type: env-file, path: a.env }
    rotation: &same
      grace: 25h
  - name: two
    store: { type: env-file, path: b.env }
    rotation: *same
`;
    expect(faultsOf({ yaml })).toEqual([
      `keys[0].rotation.grace (rotator.yaml:5): ${GRACE}`,
      `keys[1].rotation.grace (rotator.yaml:5): ${GRACE}`,
    ]);
  });
});

describe("a file that is not YAML is reported by line, in our own words", () => {
  it.each<[yaml: string, line: string]>([
    ["keys:\n\t- name: billing", "rotator.yaml:2: a tab indents the line; use spaces"],
    ['keys:\n  - name: "billing', `rotator.yaml:2: ${MISSING}`],
    ["keys: []\nkeys: []", "rotator.yaml:2: the field is here twice; remove one"],
    ["keys: []\n---\nkeys: []", "rotator.yaml:2: a second document begins; keep one, without lines of ---"],
    [
      "keys:\n  - name: *billing",
      "rotator.yaml:2: an alias (*) or anchor (&) is not known or not complete; if none is meant, quote the value",
    ],
    [
      "keys:\n  - name: !Ref billing",
      "rotator.yaml:2: a tag (!) is not known or does not fit; remove it, or quote the value if no tag is meant",
    ],
    [
      "keys:\n  - name: a: b",
      `rotator.yaml:2: two fields are on one line, or a value holds ": "; put values that hold any of : # { } [ ] , & * ! | > % @ into "quotes"`,
    ],
    ["keys:\n  - name: a\n   store: b", `rotator.yaml:3: ${MISSING}`],
    ["[a]: 1", "rotator.yaml:1: the name of a field must be text"],
    ["[".repeat(10_000), "rotator.yaml:1: sections are nested too deeply"],
    [
      `a: &a [${"1,".repeat(9)}]\nb: &b [${"*a,".repeat(9)}]\nc: &c [${"*b,".repeat(9)}]\nd: [${"*c,".repeat(9)}]`,
      "rotator.yaml: repeats itself too often through aliases (*); use fewer",
    ],
  ])("%#: $1", (yaml, line) => {
    expect(faultsOf({ yaml })).toEqual([line]);
  });

  it("reports each faulty line once", () => {
    expect(faultsOf({ yaml: "a: *x\nb: [*y, *z]\nc: 1\nc: 2" }).map((line) => line.slice(0, 15))).toEqual([
      "rotator.yaml:1:",
      "rotator.yaml:2:",
      "rotator.yaml:4:",
    ]);
  });
});

describe("values at the edge of what is accepted are accepted", () => {
  it.each<[yaml: string, lifetimeMs: number | null, graceSeconds: number]>([
    [keyWith("rotation: {}"), null, 86_400],
    [keyWith("rotation: { lifetime: 604801s, grace: 0, renewBefore: 1h }"), 604_801_000, 0],
    [keyWith("rotation: { lifetime: 3650d }"), 315_360_000_000, 86_400],
    [keyWith("rotation: { grace: 24h }"), null, 86_400],
    [keyWith("rotation: { grace: 1s }"), null, 1],
    [keyWith("rotation: { grace: 0s }"), null, 0],
    [keyWith("rotation: { grace: 0 }"), null, 0],
    [keyWith('rotation: { grace: "0" }'), null, 0],
  ])("%#: lifetime $1, grace $2", (yaml, lifetimeMs, graceSeconds) => {
    expect(read({ yaml }).keys[0]?.rotation).toMatchObject({ lifetimeMs, graceSeconds });
  });

  it("takes names from one character to 63", () => {
    for (const name of ['"1"', "a".repeat(63)])
      expect(() => read({ yaml: `keys: [{ name: ${name}, store: ${STORE} }]` })).not.toThrow();
  });

  it("lets two keys share a file if their variables differ, and variables if their files differ", () => {
    const yaml = `keys:
  - name: one
    store: { type: env-file, path: a.env }
  - name: two
    store: { type: env-file, path: a.env, variables: { active: A, old: B, pending: C, standby: D } }
  - name: three
    store: { type: env-file, path: b.env }
`;
    expect(read({ yaml }).keys).toHaveLength(3);
  });

  it("reads a file with a byte order mark and Windows line ends", () => {
    expect(read({ yaml: `\uFEFF${FILE.replaceAll("\n", "\r\n")}` })).toEqual(read());
  });
});
