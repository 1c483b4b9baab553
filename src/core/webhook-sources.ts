/** The addresses from which Paddle delivers webhooks. */

/** As Paddle documented them in October 2026 (Paddle: Respond to webhooks, Allow-list), live and sandbox. */
export const PUBLISHED_SOURCES: readonly string[] = [
  "34.232.58.13/32",
  "34.195.105.136/32",
  "34.237.3.244/32",
  "35.155.119.135/32",
  "52.11.166.252/32",
  "34.212.5.7/32",
  "34.194.127.46/32",
  "54.234.237.108/32",
  "3.208.120.145/32",
  "44.226.236.210/32",
  "44.241.183.62/32",
  "100.20.172.113/32",
];

/** What the sweep read last is kept in the records below this subject and the environment. */
export const SOURCES_SUBJECT = "webhook-sources";
export const SOURCES_ENVIRONMENTS = ["live", "sandbox"] as const;
