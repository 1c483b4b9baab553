/** Runs the whole test suite and ends with the plain line `N passed, N failed`. Arguments go on to Vitest. */
import { parseCLI, startVitest } from "vitest/node";

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)]);
const vitest = await startVitest("test", filter, { ...options, watch: false, run: true });
await vitest.close();

const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
const count = (state: string) => tests.filter((test) => test.result().state === state).length;
const passed = count("passed");
const unfinished = tests.length - passed - count("failed");
// A module that does not load has no tests, and its failure must count all the same.
const brokenModules = vitest.state.getTestModules().filter((module) => module.errors().length > 0).length;
const failed = count("failed") + unfinished + brokenModules + vitest.state.getUnhandledErrors().length;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
