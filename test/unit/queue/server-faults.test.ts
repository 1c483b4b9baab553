/** What people are told about the queue's server: what is wrong with it, and what to do. */
import { describe, expect, it } from "vitest";
import { postgresFault, redisFault } from "../../../src/queue/server-faults.ts";

const SECRET = "canary-password";

describe("a Redis", () => {
  it.each([
    ["NOAUTH", /refuses our sign-in \(NOAUTH\)/, /QUEUE_URL/],
    ["READONLY", /is a replica/, /name the master/],
    ["OOM", /is full/, /maxmemory/],
    ["MISCONF", /cannot write to its disk/, /make room/],
    ["NOREPLICAS", /too few replicas/, /min-replicas-to-write/],
    ["CLUSTERDOWN", /Cluster is down/, /start the master/],
    ["LOADING", /reads its data/, /wait/],
    ["ERR", /refuses what is asked/, /redis\+cluster:/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /does not prove who it is/, /NODE_EXTRA_CA_CERTS/],
    ["ECONNREFUSED", /does not answer \(ECONNREFUSED\)$/, /host and port/],
    [null, /^Redis does not answer$/, /host and port/],
  ])("that gives the code %s is explained", (code, says, fix) => {
    expect(redisFault(code)).toEqual({
      says: expect.stringMatching(says),
      fix: expect.stringMatching(fix),
    });
  });
});

describe("a PostgreSQL", () => {
  it.each([
    [{ code: "28P01" }, /refuses our sign-in \(28P01\)/, /pg_hba\.conf/],
    [{ code: "3D000" }, /no such database/, /createdb/],
    [{ code: "25006" }, /takes no writes/, /name the primary/],
    [{ code: "53100" }, /disk is full/, /make room/],
    [{ code: "53300" }, /too many connections/, /max_connections/],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, /does not prove who it is/, /NODE_EXTRA_CA_CERTS/],
    [{ code: "ECONNREFUSED" }, /does not answer \(ECONNREFUSED\)$/, /host and port/],
    [
      { message: "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string" },
      /^PostgreSQL wants a password$/,
      /put it into QUEUE_URL/,
    ],
    [{ message: "The server does not support SSL connections" }, /speaks no TLS/, /sslmode/],
    [{ message: "timeout expired" }, /does not answer \(timeout expired\)$/, /host and port/],
  ])("that says %j is explained", (error, says, fix) => {
    expect(postgresFault(Object.assign(new Error(SECRET), error))).toEqual({
      says: expect.stringMatching(says),
      fix: expect.stringMatching(fix),
    });
  });

  it("is quoted only where pg's words are known: they could hold a password", () => {
    const { says, fix } = postgresFault(new Error(`cannot sign in with ${SECRET}`));
    expect(`${says} ${fix}`).not.toContain(SECRET);
    expect(says).toMatch(/^PostgreSQL does not answer \(/);
  });
});
