/** The floor of start and memory, started with the very flags and the compile cache that the service is started with. */
import packageJson from "../package.json" with { type: "json" };
import { SECRET, type Server, start } from "./servers.ts";

const COMMAND = packageJson.scripts.start.replace("src/main.ts", "bench/peers/start-floor.ts");

export function startFloor(opened: AsyncDisposableStack, redisUrl: string): Promise<Server> {
  return start(opened, "floor", COMMAND, { SECRET, NAME: "floor", QUEUE_URL: redisUrl });
}
