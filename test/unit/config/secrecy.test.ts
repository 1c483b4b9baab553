/** Whatever is typed into whichever place, a report can be pasted into a public channel. */
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Environment } from "../../../src/config/environment.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { FILE, type Given, read } from "./sources.ts";

const CANARY = "cAnArY0123456789cAnArY";
const NAMES = Object.keys(Environment.shape).filter((name) => name !== "CONFIG_FILE");

/** Everything that an error shows: the message, the stack, causes and other properties. */
function reportOn(given: Given): string {
  try {
    read(given);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return inspect(error, { depth: null, showHidden: true });
  }
  throw new Error("the configuration was accepted");
}

/** Makes any configuration refused, so that there is a report to search. */
const BROKEN = { ADMIN_HOST: "[]" };

describe("no report shows", () => {
  it.each(NAMES)("the value of %s, whether it is right or wrong, given by itself or by its file", (name) => {
    const values = [CANARY, ` ${CANARY}`, `${CANARY}\n${CANARY}`, `short,${CANARY}`, `https://${CANARY}@[`];
    for (const value of values) {
      expect(reportOn({ env: { ...BROKEN, [name]: value } })).not.toContain(CANARY);
      expect(reportOn({ env: { ...BROKEN, [name]: undefined, [`${name}_FILE`]: value } })).not.toContain(
        CANARY,
      );
      const env = { ...BROKEN, [name]: undefined, [`${name}_FILE`]: "/run/value" };
      expect(reportOn({ env, files: { "/run/value": value } })).not.toContain(CANARY);
    }
  });

  it.each([
    `redis://:${CANARY}@`,
    `redis://:${CANARY}#@host`,
    `redis://user:${CANARY}/@host`,
    `redis://user:${CANARY}@host/${CANARY}`,
    `redis://user:${CANARY}@:6379`,
    `redis+sentinel://user:${CANARY}@host`,
    `${CANARY}://host`,
    `postgres://user:${CANARY}@host:port/db`,
    `postgres://user:${CANARY}%@host name/db`,
  ])("the password in %s", (url) => {
    expect(reportOn({ env: { ...BROKEN, QUEUE_URL: url } })).not.toContain(CANARY);
  });

  it.each([
    "name: X",
    "path: X",
    "type: X",
    "variables: X",
    "active: X",
    "lifetime: X",
    "grace: X",
    "rotation: X",
  ])("a value that stands in the file, as in %s", (field) => {
    for (const value of [CANARY, `"${CANARY}"`, `[${CANARY}]`, `{ a: ${CANARY} }`]) {
      const [name = ""] = field.split(":");
      const yaml = `keys:
  - name: { ${name}: ${value} }
    store: { type: env-file, path: [], variables: { ${name}: ${value} } }
    rotation: { ${name}: ${value} }
  - { ${name}: ${value} }
${name}: ${value}
`;
      expect(reportOn({ yaml })).not.toContain(CANARY);
    }
  });

  it.each([
    `path: *${CANARY}`,
    `path: !${CANARY} x`,
    `path: !<${CANARY}> x`,
    `path: &${CANARY} &${CANARY} x`,
    `path: "${CANARY}`,
    `path: '${CANARY}`,
    `path: @${CANARY}`,
    `path: ${CANARY}: ${CANARY}`,
    `path: "${CANARY}\\q"`,
    `path: |${CANARY}`,
    `path: [${CANARY}`,
    `path: {${CANARY}: [`,
    `%${CANARY}\n---`,
    `\t${CANARY}: x`,
    `${"[".repeat(5000)}${CANARY}`,
    `? [${CANARY}]`,
    `"${CANARY} ${CANARY} ${CANARY}": x`,
  ])("what breaks the syntax: %j", (line) => {
    expect(reportOn({ yaml: `${line}\n${FILE}` })).not.toContain(CANARY);
    expect(reportOn({ yaml: `${FILE}    ${line}` })).not.toContain(CANARY);
  });

  it("what a reference in the file stands for", () => {
    const yaml = `keys:
  - name: "\${PLANTED}"
    store: { type: "\${PLANTED}", path: "\${PLANTED}\${NOWHERE}" }
    rotation: { lifetime: "\${PLANTED}", grace: "\${PLANTED}" }
  - name: "\${PLANTED}"
    store: { type: env-file, path: "\${PLANTED}", variables: { active: "\${PLANTED}", old: "\${PLANTED}" } }
  - name: "\${PLANTED}"
    store: { type: env-file, path: "\${PLANTED}", variables: { active: "\${PLANTED}", old: "\${PLANTED}" } }
  - "\${PLANTED}"
`;
    for (const value of [CANARY, "canary"]) {
      expect(reportOn({ yaml, env: { PLANTED: value } })).not.toContain(value);
      const files = { "/run/planted": value };
      expect(reportOn({ yaml, env: { PLANTED_FILE: "/run/planted" }, files })).not.toContain(value);
    }
  });

  it("the value of a misspelt variable", () => {
    expect(reportOn({ env: { ADMIN_PASSWRD: CANARY, QUEUE_URI: CANARY } })).not.toContain(CANARY);
  });

  it("any value, whatever it looks like", () => {
    const spice = fc.string({
      unit: fc.constantFrom(":", "/", "@", "#", "%", ",", " ", "$", "{", "}", "=", "é"),
    });
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), spice, spice, (name, before, after) => {
        const value = `${before}${CANARY}${after}`;
        expect(reportOn({ env: { ...BROKEN, [name]: value } })).not.toContain(CANARY);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the configuration itself shows", () => {
  it("no secret when it is printed", () => {
    const config = read({
      env: {
        PADDLE_WEBHOOK_SECRETS: CANARY,
        ADMIN_USER: "ops",
        ADMIN_PASSWORD: CANARY,
        ADMIN_TOKEN: CANARY + CANARY,
        QUEUE_URL: `redis://:${CANARY}@host`,
      },
    });
    expect(inspect(config, { depth: null, showHidden: true })).not.toContain(CANARY);
    expect(JSON.stringify(config)).not.toContain(CANARY);
  });
});
