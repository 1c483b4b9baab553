/**
 * Run while the image is built, as the user and with the flags that the service will have: both are part of what the
 * compile cache is found by. Every module is compiled then, so that a start compiles nothing: for a single one that is
 * not in the cache, Node would load its compiler of TypeScript, and never let go of it.
 */
import fastify from "fastify";
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const src = join(import.meta.dirname, "../src");
const urlOf = (path) => pathToFileURL(join(src, path)).href;
/** What is to be compiled and not to be run. */
const PROGRAMS = ["main.ts", "cli.ts"];

const modules = globSync("**/*.ts", { cwd: src }).filter((path) => !PROGRAMS.includes(path));
await Promise.all(modules.map((path) => import(urlOf(path))));

// What Fastify loads only where it is used.
await fastify({ logger: false }).inject("/");

// All imports are compiled before the first of them runs, and that is the end: also for connections that a module
// opened by itself, which would keep the build waiting.
const imports = ["data:text/javascript,process.exit()", ...PROGRAMS.map(urlOf)];
await import(`data:text/javascript,${encodeURIComponent(imports.map((url) => `import "${url}";`).join(""))}`);
