/** How the commands of the runbook are called: as they are written, and where there is no npm. */

/** What each of them begins with. */
export const CALL = "npm run rotator --";

/** Words in backticks are names and commands. */
export const CALLS_SAY = `Commands are run where the rotator is configured, with its environment (\`. ./secrets/rotator.env\`). \`${CALL} help\` lists them. Elsewhere, in the place of \`${CALL}\`:`;

export const CALLS_ELSEWHERE: readonly { readonly where: string; readonly call: string }[] = [
  { where: "Compose", call: "docker compose exec rotator /usr/bin/node /app/src/cli.ts" },
  {
    where: "Kubernetes",
    call: "kubectl exec -it -n paddle-key-rotator deployment/worker -- /usr/bin/node /app/src/cli.ts",
  },
  {
    where: "systemd, in `/opt/paddle-key-rotator`",
    call: "sudo -u rotator env $(systemctl show -p Environment --value paddle-key-rotator) /usr/bin/node src/cli.ts",
  },
];
