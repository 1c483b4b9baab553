/**
 * A release that comes after this one: a copy of the program with changes that a release may make to what it stores. It
 * reads what this one writes; what this one makes of what it writes is what the tests ask.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");

type Change = { readonly file: string; readonly from: string; readonly to: string };

const CHANGES: readonly Change[] = [
  // Jobs: another version, with a field that must be there, and another name. Those of version 1 are still read.
  { file: "queue/job-data.ts", from: "const VERSION = 1;", to: "const VERSION = 2;" },
  {
    file: "queue/job-data.ts",
    from: "  keyName: z.string().nullable(),\n",
    to: '  keyName: z.string().nullable(),\n  origin: z.enum(["former", "next"]).default("former"),\n',
  },
  { file: "queue/job-data.ts", from: "    v: VERSION,\n", to: '    v: VERSION,\n    origin: "next",\n' },
  {
    file: "queue/job-data.ts",
    from: "versionFault(data, VERSION);",
    to: "versionFault(data, 1) && versionFault(data, VERSION);",
  },
  {
    file: "queue/job-data.ts",
    from: "fromJob({ id, name, data }: {",
    to: "fromJob({ id, name: given, data }: {",
  },
  {
    file: "queue/job-data.ts",
    from: "  if (!isJobName(name)) throw",
    to: '  const name = given === "attend" ? "replace" : given;\n  if (!isJobName(name)) throw',
  },
  {
    file: "queue/work-queue.ts",
    from: "add({ name: work.job, ",
    to: 'add({ name: work.job === "replace" ? "attend" : work.job, ',
  },
  // A step that nobody has heard of.
  {
    file: "rotation/rotate.ts",
    from: "  let answersTo: Version | null = null;\n",
    to: '  await hold.journal.note("considered", { says: "Considered.", percent: 1 });\n  let answersTo: Version | null = null;\n',
  },
  // The slots: another word, which it takes for the former one itself, and another field.
  {
    file: "core/slot-fields.ts",
    from: "mode: pending.mode, graceSeconds",
    to: 'mode: pending.mode === "graceful" ? "gentle" : pending.mode, staged: "well", graceSeconds',
  },
  // Alerts and records: another kind, and another field.
  {
    file: "alerts/words.ts",
    from: "  return { id, kind, severity,",
    to: '  if (kind === "unmanaged-key-ended") kind = "strange-key-gone";\n  return { id, kind, urgency: 3, severity,',
  },
  { file: "rotation/record.ts", from: "    id: intent.id,\n", to: "    id: intent.id,\n    origin: 2,\n" },
];

/** Type stripping looks at no types: what the changes lack of them does not matter. */
export type NextRelease = AsyncDisposable & {
  /** Its main file, from this project's root. */
  readonly entry: string;
};

export async function makeNextRelease(): Promise<NextRelease> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), "rotator-next-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  await cp(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(folder, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const change of CHANGES) await apply(change, folder);
  const owned = opened.move();
  return {
    entry: relative(ROOT, join(folder, "src/main.ts")),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function apply({ file, from, to }: Change, folder: string): Promise<void> {
  const path = join(folder, "src", file);
  const parts = (await readFile(path, "utf8")).split(from);
  if (parts.length !== 2)
    throw new Error(`src/${file} has this ${parts.length - 1} times, not once: ${from.trim()}`);
  await writeFile(path, parts.join(to));
}
