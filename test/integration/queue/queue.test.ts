import { inject } from "vitest";
import { queueContract } from "./queue.contract.ts";

queueContract("Redis", () => inject("redisUrl"));
queueContract("PostgreSQL", () => inject("postgresUrl"));
