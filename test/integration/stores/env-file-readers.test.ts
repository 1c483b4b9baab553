/** Applications get the very secret that was written, whichever way they read the file. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "dotenv";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { EMPTY_SLOTS, promote, type Slots, stage, unknownOrigin } from "../../../src/core/slots.ts";
import { UnclearText } from "../../../src/stores/env-file/layout.ts";
import { withFields } from "../../../src/stores/env-file/fields.ts";
import { readAsDocker } from "../../support/docker-env-file.ts";
import { EnvFilePlace, VARIABLES } from "../../support/env-file-place.ts";

const run = promisify(execFile);

/** The value of one variable in each of the files. */
async function readAsShell(files: readonly string[], name: string): Promise<string[]> {
  const script = `for file; do (. "$file"; printf '%s\\0' "$${name}"); done`;
  const { stdout } = await run("sh", ["-eu", "-c", script, "sh", ...files]);
  return stdout.split("\0").slice(0, -1);
}

/** What a program gets that is started after `set -a; . file`. */
async function readAsProgram(file: string, name: string): Promise<string | undefined> {
  const script = `set -a; . "$1"; exec "$2" --print 'JSON.stringify(process.env)'`;
  const { stdout } = await run("sh", ["-eu", "-c", script, "sh", file, process.execPath]);
  return z.record(z.string(), z.string()).parse(JSON.parse(stdout))[name];
}

type Reader = (place: EnvFilePlace, name: string) => Promise<string | undefined>;

const READERS: Readonly<Record<string, Reader>> = {
  dotenv: async (place, name) => parse(await place.text())[name],
  "dotenv's fast parser": async (place, name) => parse(await place.text(), { fast: true })[name],
  sh: (place, name) => readAsProgram(place.path, name),
  "docker --env-file": async (place, name) => readAsDocker(await place.text()).get(name),
};

const secret = (text: string) => unknownOrigin(new Secret(text));
const FIRST = "pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO";
const SECOND = "pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_Zy9xW8vU7tS6rQ5pO4nM3l_b2C";
const EVERY_BARE_CHARACTER = "09azAZ_./:@%+,=-";

async function rewrite(place: EnvFilePlace, change: (slots: Slots) => Slots): Promise<void> {
  const { slots, version } = await place.store().read();
  expect(await place.store().write(change(slots), version)).toBe("written");
}

describe("a file without quotes", () => {
  it.each(Object.entries(READERS))("gives every secret of a rotation to %s", async (_, read) => {
    await using place = await EnvFilePlace.holding(`# keys\nACTIVE_PADDLE_KEY=${FIRST}\nOTHER=x=y\n`);
    const secrets = async () => ({
      active: await read(place, VARIABLES.active),
      old: await read(place, VARIABLES.old),
      pending: await read(place, VARIABLES.pending),
      other: await read(place, "OTHER"),
    });
    const pending = { ...secret(SECOND), mode: "graceful", graceSeconds: 60 } as const;

    await rewrite(place, (slots) => stage(slots, pending));
    expect(await secrets()).toEqual({ active: FIRST, old: undefined, pending: SECOND, other: "x=y" });

    await rewrite(place, (slots) => promote(slots, { slot: "active", until: 0 }));
    expect(await secrets()).toEqual({ active: SECOND, old: FIRST, pending: "", other: "x=y" });

    await rewrite(place, () => ({ ...EMPTY_SLOTS, active: secret(EVERY_BARE_CHARACTER) }));
    expect(await secrets()).toEqual({ active: EVERY_BARE_CHARACTER, old: "", pending: "", other: "x=y" });
  });

  it.each(["dotenv", "dotenv's fast parser", "docker --env-file"])(
    "may have CRLF line ends and a byte order mark for %s",
    async (reader) => {
      await using place = await EnvFilePlace.holding(`\uFEFFACTIVE_PADDLE_KEY=${FIRST}\r\nOTHER=1\r\n`);
      await rewrite(place, () => ({ ...EMPTY_SLOTS, active: secret(SECOND), standby: secret(FIRST) }));
      expect(await READERS[reader]?.(place, VARIABLES.active)).toBe(SECOND);
      expect(await READERS[reader]?.(place, VARIABLES.standby)).toBe(FIRST);
      expect(await place.text()).toMatch(/^\uFEFFACTIVE(.*\r\n){4}$/);
    },
  );
});

describe("a value of any characters", () => {
  it.each([
    { quote: "", readers: "dotenv, sh and docker --env-file", docker: true },
    { quote: "'", readers: "dotenv and sh", docker: false },
    { quote: '"', readers: "dotenv and sh", docker: false },
  ])(
    "is given to $readers as it is, or refused, in a line with the quotes $quote",
    async ({ quote, docker }) => {
      await using place = await EnvFilePlace.open();
      const before = `A=1\nACTIVE_PADDLE_KEY=${quote}before${quote}\nB="2"\n`;
      const written = fc
        .sample(fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }), 3_000)
        .concat(
          EVERY_BARE_CHARACTER,
          " lead",
          "trail ",
          " # ",
          "#",
          '"quoted"',
          "'quoted'",
          "\\n",
          "$HOME",
          "~",
          "!!",
        )
        .flatMap((value) => {
          try {
            const fields = {
              active: value,
              old: null,
              pending: null,
              standby: null,
              notes: '{"revision":1}',
            };
            return { value, text: withFields(before, VARIABLES, fields) };
          } catch (error) {
            if (error instanceof UnclearText) return [];
            throw error;
          }
        });
      expect(written.length).toBeGreaterThan(50);

      const files = written.map((_, index) => join(place.folder, `${index}.env`));
      await Promise.all(written.map(({ text }, index) => writeFile(files[index] ?? "", text)));
      const values = written.map(({ value }) => value);
      expect(await readAsShell(files, VARIABLES.active)).toEqual(values);
      expect(written.map(({ text }) => parse(text)[VARIABLES.active])).toEqual(values);
      expect(written.map(({ text }) => parse(text, { fast: true })[VARIABLES.active])).toEqual(values);
      if (docker) expect(written.map(({ text }) => readAsDocker(text).get(VARIABLES.active))).toEqual(values);
    },
  );
});
