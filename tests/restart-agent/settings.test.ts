import assert from "node:assert/strict";
import { readSettings, SettingsError } from "../../restart-agent/settings.ts";

const LEAST = {
  WEBHOOK_SECRET: "whsec_c2VjcmV0LW9mLXRoZS1hZ2VudA==",
  DOCKER_CONTAINER: "evolution",
};

Deno.test("a secret and a container are enough: the rest has its default", () => {
  assert.deepEqual(readSettings({ ...LEAST, WINDOW: "  " }), {
    secrets: [LEAST.WEBHOOK_SECRET],
    means: { by: "docker", container: "evolution", host: "unix:///var/run/docker.sock" },
    limitMs: 120_000,
    minIntervalMs: 600_000,
    maxPerDay: 6,
    window: null,
    quorum: 0.5,
    gatewayUrl: null,
    stateFile: "restart-agent-state.json",
    host: "0.0.0.0",
    port: 8787,
  });
});

Deno.test("every setting is read", () => {
  const settings = readSettings({
    WEBHOOK_SECRET: "the secret of today!",
    WEBHOOK_SECRET_OLD: "the one before it ...",
    DEPLOY_HOOK_URL: "https://platform.example/hooks/1",
    DEPLOY_HOOK_HEADER: "Authorization: Bearer token",
    RESTART_LIMIT: "90s",
    MIN_INTERVAL: "1h",
    MAX_PER_DAY: "2",
    WINDOW: "23:30-05:00",
    WINDOW_TIME_ZONE: "America/Sao_Paulo",
    QUORUM: ".25",
    GATEWAY_URL: "https://evolution.example/manager",
    STATE_FILE: "/data/state.json",
    HOST: "127.0.0.1",
    PORT: "9000",
  });
  assert.deepEqual(settings, {
    secrets: ["the secret of today!", "the one before it ..."],
    means: {
      by: "hook",
      url: "https://platform.example/hooks/1",
      headers: { Authorization: "Bearer token" },
    },
    limitMs: 90_000,
    minIntervalMs: 3_600_000,
    maxPerDay: 2,
    window: { from: 1_410, to: 300, timeZone: "America/Sao_Paulo" },
    quorum: 0.25,
    gatewayUrl: "https://evolution.example",
    stateFile: "/data/state.json",
    host: "127.0.0.1",
    port: 9_000,
  });
  const { means } = readSettings({
    WEBHOOK_SECRET: LEAST.WEBHOOK_SECRET,
    RESTART_COMMAND: '["kubectl","rollout","restart","deploy/evolution"]',
  });
  assert.deepEqual(means, {
    by: "command",
    command: ["kubectl", "rollout", "restart", "deploy/evolution"],
  });
});

const WRONG: readonly (readonly [change: Record<string, string>, ...variables: string[]])[] = [
  [{ WEBHOOK_SECRET: "" }, "WEBHOOK_SECRET"],
  [{ WEBHOOK_SECRET: "short" }, "WEBHOOK_SECRET"],
  [{ WEBHOOK_SECRET: "whsec_c2hvcnQ=" }, "WEBHOOK_SECRET"],
  [{ WEBHOOK_SECRET_OLD: "short" }, "WEBHOOK_SECRET_OLD"],
  [{ DOCKER_CONTAINER: "" }, "DOCKER_CONTAINER"],
  [{ RESTART_COMMAND: '["pm2"]' }, "RESTART_COMMAND"],
  [{ DOCKER_CONTAINER: "../x" }, "DOCKER_CONTAINER"],
  [{ DOCKER_HOST: "ssh://host" }, "DOCKER_HOST"],
  [{ DOCKER_CONTAINER: "", RESTART_COMMAND: "pm2 restart evolution" }, "RESTART_COMMAND"],
  [{ DOCKER_CONTAINER: "", RESTART_COMMAND: "[]" }, "RESTART_COMMAND"],
  [{ DOCKER_CONTAINER: "", DEPLOY_HOOK_URL: "platform" }, "DEPLOY_HOOK_URL"],
  [{ RESTART_LIMIT: "1h" }, "RESTART_LIMIT"],
  [{ MIN_INTERVAL: "10" }, "MIN_INTERVAL"],
  [{ MAX_PER_DAY: "0" }, "MAX_PER_DAY"],
  [{ WINDOW: "2-5" }, "WINDOW"],
  [{ WINDOW: "02:00-05:00", WINDOW_TIME_ZONE: "Brazil/Nowhere" }, "WINDOW_TIME_ZONE"],
  [{ QUORUM: "50%" }, "QUORUM"],
  [{ GATEWAY_URL: "evolution:8080" }, "GATEWAY_URL"],
  [{ PORT: "http" }, "PORT"],
  [{ PORT: "0", QUORUM: "2", MAX_PER_DAY: "many" }, "MAX_PER_DAY", "QUORUM", "PORT"],
];

for (const [change, ...variables] of WRONG) {
  Deno.test(`told at the start, all at once: ${JSON.stringify(change)}`, () => {
    try {
      readSettings({ ...LEAST, ...change });
    } catch (error) {
      assert.ok(error instanceof SettingsError);
      assert.deepEqual(error.problems.map((problem) => problem.split(":")[0]), variables);
      assert.ok(!error.message.includes("c2VjcmV0"), "no secret in a message");
      return;
    }
    assert.fail("it was taken");
  });
}
