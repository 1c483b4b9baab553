/** Takes the replica of a Cluster's master away from it, and leaves the replica fit to take its place. */
import { Redis } from "ioredis";
import type { RedisServer } from "../redis-server.ts";
import { until } from "../until.ts";

/** A replica that signs in where nobody has to is turned away. */
const TURNED_AWAY = ["masterauth", "a password that the master does not have"] as const;

/** Resolves once the master feeds nobody. */
export async function cutOffReplicaOf({ url }: RedisServer): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const connect = (to: string | number) =>
    opened.adopt(typeof to === "number" ? new Redis(to, "127.0.0.1") : new Redis(to), (one) =>
      one.disconnect(),
    );
  const master = connect(url);
  const port = /^slave0:ip=[^,]*,port=(\d+)/m.exec(await master.info("replication"))?.[1];
  if (port === undefined) throw new Error(`${url} has no replica`);
  await connect(Number(port)).config("SET", ...TURNED_AWAY);
  await master.call("CLIENT", "KILL", "TYPE", "replica");
  await until("the master feeds nobody", async () =>
    (await master.info("replication")).includes("connected_slaves:0"),
  );
}
