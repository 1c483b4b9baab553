/** What is wrong with the queue's server, and what to do, by what it or the way to it said. */
import { codeOf, describeError } from "../core/public-error.ts";
import { isCertificateFault } from "../requests/exchange.ts";

export type ServerFault = { readonly says: string; readonly fix: string };

/** A standby, or a server that was told to. */
export const READ_ONLY: ServerFault = {
  says: "PostgreSQL takes no writes (read only)",
  fix: "name the primary in QUEUE_URL, or an address that follows it; or look at default_transaction_read_only",
};

/** @param code of Redis (the first word of its errors) or of Node.js; null: none was given */
export function redisFault(code: string | null): ServerFault {
  if (code === null) return unreachable("Redis", null);
  switch (code) {
    case "NOAUTH":
    case "WRONGPASS":
    case "NOPERM":
      return {
        says: `Redis refuses our sign-in (${code})`,
        fix: "put its user and password into QUEUE_URL, and allow that user every key below QUEUE_PREFIX",
      };
    case "ERR":
      return {
        says: "Redis refuses what is asked of it (ERR)",
        fix: "see that redis+cluster:// in QUEUE_URL names a Cluster, and redis:// none, and update a Redis before 6.2",
      };
    case "READONLY":
      return { says: "Redis is a replica (READONLY)", fix: "name the master in QUEUE_URL, or its Sentinels" };
    case "OOM":
      return { says: "Redis is full (OOM)", fix: "raise its maxmemory, or remove what else is in it" };
    case "MISCONF":
      return { says: "Redis cannot write to its disk (MISCONF)", fix: "make room there; its log says more" };
    case "NOREPLICAS":
      return { says: "Redis has too few replicas (NOREPLICAS)", fix: "start them: min-replicas-to-write" };
    case "CLUSTERDOWN":
      return { says: "the Redis Cluster is down (CLUSTERDOWN)", fix: "start the master that is missing" };
    case "LOADING":
      return { says: "Redis reads its data (LOADING)", fix: "wait until it has" };
    default:
      return unreachable("Redis", code);
  }
}

/** By the codes of PostgreSQL (its manual, appendix A) and of Node.js, and where there is none by pg's own words. */
export function postgresFault(error: unknown): ServerFault {
  const why = codeOf(error) ?? describeError(error);
  if (/client password must be/.test(why))
    return { says: "PostgreSQL wants a password", fix: "put it into QUEUE_URL" };
  if (/does not support SSL/.test(why))
    return { says: "PostgreSQL speaks no TLS", fix: "turn it on there, or take sslmode out of QUEUE_URL" };
  if (why.startsWith("28"))
    return {
      says: `PostgreSQL refuses our sign-in (${why})`,
      fix: "correct the user and password in QUEUE_URL, and pg_hba.conf there",
    };
  switch (why) {
    case "3D000":
      return {
        says: "PostgreSQL has no such database (3D000)",
        fix: "make it (createdb), or correct the database in QUEUE_URL",
      };
    case "25006":
      return READ_ONLY;
    case "53100":
      return { says: "PostgreSQL's disk is full (53100)", fix: "make room there" };
    case "53300":
      return { says: "PostgreSQL has too many connections (53300)", fix: "raise its max_connections" };
    default:
      return unreachable("PostgreSQL", why);
  }
}

function unreachable(server: string, why: string | null): ServerFault {
  if (why !== null && isCertificateFault(why))
    return {
      says: `${server} does not prove who it is (${why})`,
      fix: "give it a certificate for the host in QUEUE_URL, or name its authority in NODE_EXTRA_CA_CERTS",
    };
  return {
    says: `${server} does not answer${why === null ? "" : ` (${why})`}`,
    fix: "check that it runs, and the host and port in QUEUE_URL",
  };
}
