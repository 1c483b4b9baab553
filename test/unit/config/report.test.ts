/** One report has everything: file and environment, in an order in which it can be worked off. */
import { describe, expect, it } from "vitest";
import { faultsOf } from "./sources.ts";

describe("the report", () => {
  it("has the faults of file and environment together: the file's by line, then the variables by name", () => {
    const yaml = `keys:
  - rotation: { lifetime: 3d, grace: 2d }
    name: Billing
    store: { type: env-file, path: "\${NOWHERE}", mode: 600 }
  - name: billing
    stroe: {}
  - name: billing
    store: { type: env-file, path: b.env }
`;
    const env = {
      PADDLE_WEBHOOK_SECRETS: undefined,
      PADDLE_WEBHOOK_SECRET: "x",
      ADMIN_USER: "ops",
      ADMIN_HOST: "0.0.0.0",
      QUEUE_URL: "amqp://queue",
      PORT: "x",
      LOG_LEVEL_FILE: "/gone",
    };
    expect(faultsOf({ yaml, env }).map((line) => line.replace(/: .*/, ""))).toEqual([
      "keys[0].rotation.lifetime (rotator.yaml:2)",
      "keys[0].rotation.grace (rotator.yaml:2)",
      "keys[0].name (rotator.yaml:3)",
      "keys[0].store.path (rotator.yaml:4)",
      "keys[0].store.mode (rotator.yaml:4)",
      "keys[1].store (rotator.yaml:5)",
      "keys[1].stroe (rotator.yaml:6)",
      "keys[2].name (rotator.yaml:7)",
      "PORT",
      "ADMIN_PASSWORD",
      "QUEUE_URL",
      "PADDLE_WEBHOOK_SECRETS",
      "LOG_LEVEL_FILE",
      "PADDLE_WEBHOOK_SECRET",
    ]);
  });

  it("names the file as the operator did", () => {
    const given = {
      env: { CONFIG_FILE: "conf/keys.yaml" },
      files: { "/srv/rotator/conf/keys.yaml": "keys: []" },
    };
    expect(faultsOf(given)[0]).toMatch(/^keys \(conf\/keys\.yaml:1\): /);
  });

  it("has one line for a fault, even if the file's name has two", () => {
    const given = {
      env: { CONFIG_FILE: "/etc/two\nlines.yaml" },
      files: { "/etc/two\nlines.yaml": "keys: 1" },
    };
    expect(faultsOf(given)[0]).toMatch(/^keys \(\/etc\/two lines\.yaml:1\): /);
  });

  it.each([
    [
      {},
      "CONFIG_FILE: is not set, and /srv/rotator/rotator.yaml does not exist; write it as rotator.example.yaml shows, or set CONFIG_FILE",
    ],
    [
      { CONFIG_FILE: "keys.yaml" },
      "CONFIG_FILE: names a file that does not exist (relative paths start at /srv/rotator)",
    ],
  ])("says where a configuration file was looked for: %o", (env, line) => {
    expect(faultsOf({ env, files: { "/srv/rotator/rotator.yaml": { code: "ENOENT" } } })).toEqual([line]);
  });

  it("says once that CONFIG_FILE is set twice", () => {
    expect(faultsOf({ env: { CONFIG_FILE: "a.yaml", CONFIG_FILE_FILE: "/b" } })).toEqual([
      "CONFIG_FILE: is set, and so is CONFIG_FILE_FILE; keep one of the two",
    ]);
  });
});
