/**
 * Run while the image is built, as the user and with the flags that the service will have: both are part of what the
 * compile cache is found by. What every start loads is compiled then, so that a start compiles nothing.
 */
await Promise.all(
  [
    "compose.ts",
    "config/load.ts",
    "logger.ts",
    "queue/redis.ts",
    "queue/postgres.ts",
    "records/redis.ts",
    "records/postgres.ts",
  ].map((module) => import(new URL(`../src/${module}`, import.meta.url).href)),
);
// Connections that a module opened by itself would keep the build waiting.
process.exit();
