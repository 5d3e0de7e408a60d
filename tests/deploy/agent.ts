import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../dev/process/program.ts";
import { signCall } from "../restart-agent/sign-call.ts";

const AGENT = fileURLToPath(new URL("../../restart-agent/main.ts", import.meta.url));
const SECRET = "whsec_c2VjcmV0LW9mLXRoZS1hZ2VudA==";

interface Agent {
  readonly child: Deno.ChildProcess;
  readonly url: string;
  /** Asks for a restart; what it answers. */
  ask(id?: string): Promise<Record<string, unknown>>;
}

/** Starts the agent as its own process, the port chosen by the system. */
async function startAgent(env: Readonly<Record<string, string>>, port: number): Promise<Agent> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", AGENT],
    env: { WEBHOOK_SECRET: SECRET, HOST: "127.0.0.1", PORT: String(port), ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes('"listening"')) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the agent ended: ${said}`);
    said += value;
  }
  await reader.cancel();
  const url = `http://127.0.0.1:${port}`;
  return {
    child,
    url,
    ask: async (id = "call-1") => {
      const data = { gateway: "http://evolution:8080", reason: "steps_used_up", share: 0.1 };
      return await (await fetch(`${url}/restart`, signCall(SECRET, data, { id }))).json();
    },
  };
}

/** Runs a test in a folder of its own; every agent that it starts is gone in the end. */
function agentTest(
  name: string,
  run: (
    folder: string,
    start: (env: Readonly<Record<string, string>>) => Promise<Agent>,
  ) => Promise<void>,
): void {
  Deno.test({ name, ignore: Deno.build.os === "windows" }, async () => {
    const folder = await Deno.makeTempDir({ prefix: "restart agent " });
    const agents: Agent[] = [];
    try {
      await run(folder, async (env) => {
        const agent = await startAgent(
          { STATE_FILE: join(folder, "state.json"), ...env },
          await freePort(),
        );
        agents.push(agent);
        return agent;
      });
    } finally {
      for (const { child } of agents) {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended by itself.
        }
        await child.status;
      }
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** What stands in for Docker's Engine API: knows one container, notes every request. */
function serveDocker(where: { readonly path: string } | { readonly port: number }) {
  const asked: string[] = [];
  const answer = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    return pathname === "/containers/evolution/restart"
      ? new Response(null, { status: 204 })
      : Response.json({ message: "No such container" }, { status: 404 });
  };
  const server = "path" in where
    ? Deno.serve({ transport: "unix", path: where.path, onListen: () => {} }, answer)
    : Deno.serve({ hostname: "127.0.0.1", port: where.port, onListen: () => {} }, answer);
  return { asked, close: () => server.shutdown() };
}

agentTest(
  "Docker's socket: the container is restarted once, and nothing else is asked",
  async (folder, start) => {
    const path = join(folder, "docker.sock");
    const docker = serveDocker({ path });
    const agent = await start({ DOCKER_CONTAINER: "evolution", DOCKER_HOST: `unix://${path}` });
    const [one, two] = await Promise.all([agent.ask("a"), agent.ask("b")]);
    assert.deepEqual([one["result"], two["result"]].toSorted(), ["restarted", "too_soon"]);
    assert.deepEqual(docker.asked, ["POST /containers/evolution/restart?t=10"]);
    const health = await (await fetch(`${agent.url}/health`)).json();
    assert.equal(health.by, "docker");
    await docker.close();
  },
);

agentTest("a proxy before Docker, by TCP", async (_, start) => {
  const port = await freePort();
  const docker = serveDocker({ port });
  const agent = await start({
    DOCKER_CONTAINER: "evolution",
    DOCKER_HOST: `tcp://127.0.0.1:${port}`,
  });
  assert.equal((await agent.ask())["result"], "restarted");
  assert.deepEqual(docker.asked, ["POST /containers/evolution/restart?t=10"]);
  await docker.close();
});

agentTest(
  "a container that is not there, and a Docker that is not, are told",
  async (folder, start) => {
    const path = join(folder, "docker.sock");
    const docker = serveDocker({ path });
    const host = { DOCKER_HOST: `unix://${path}` };
    const unknown = await start({ ...host, DOCKER_CONTAINER: "other" });
    assert.equal((await unknown.ask())["why"], "container_unknown");
    await docker.close();
    const away = await start({
      ...host,
      DOCKER_CONTAINER: "evolution",
      STATE_FILE: join(folder, "2.json"),
    });
    assert.equal((await away.ask())["why"], "docker_unreachable");
  },
);

agentTest(
  "a program is run as it is told, its arguments read by no shell, and sees no secret of the agent",
  async (folder, start) => {
    const seen = join(folder, "$(seen); it's");
    const script = join(folder, "restart.ts");
    await Deno.writeTextFile(
      script,
      "Deno.writeTextFileSync(Deno.args[0], JSON.stringify(Deno.env.toObject()));",
    );
    const agent = await start({
      RESTART_COMMAND: JSON.stringify([Deno.execPath(), "run", "--allow-all", script, seen]),
      WEBHOOK_SECRET_OLD: "the secret of the day before",
      OF_THE_PROGRAM: "kept",
    });
    assert.equal((await agent.ask())["result"], "restarted");
    const environment = JSON.parse(await Deno.readTextFile(seen));
    assert.equal(environment.OF_THE_PROGRAM, "kept");
    for (const name of ["WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD"]) {
      assert.equal(environment[name], undefined, name);
    }
    for (
      const [why, command] of [
        ["command_failed", [Deno.execPath(), "eval", "Deno.exit(3)"]],
        ["command_unknown", ["/no/such/program"]],
      ] as const
    ) {
      const failing = await start({
        RESTART_COMMAND: JSON.stringify(command),
        STATE_FILE: join(folder, `${why}.json`),
      });
      assert.equal((await failing.ask())["why"], why);
    }
  },
);

agentTest("its folder alone is enough, with the image's command and the unit's", async (folder) => {
  const copy = join(folder, "agent");
  await Deno.mkdir(copy);
  const source = new URL("../../restart-agent/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(source)) {
    if (isFile) await Deno.copyFile(new URL(name, source), join(copy, name));
  }
  const image = await Deno.readTextFile(join(copy, "Dockerfile"));
  const unit = await Deno.readTextFile(join(copy, "restart-agent.service"));
  // What the image is built with: its start may fetch nothing any more.
  const [, fetching] = /&& deno (cache main\.ts) &&/.exec(image)!;
  const fetched = await new Deno.Command(Deno.execPath(), {
    args: ["--quiet", ...fetching!.split(" ")],
    cwd: copy,
    stdin: "null",
  }).output();
  assert.ok(fetched.success, new TextDecoder().decode(fetched.stderr));
  const [, ...entry] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(image)![1]!) as string[];
  const [, started] = /^ExecStart=\/opt\/deno (.*) \/opt\/restart-agent\/main\.ts$/m.exec(unit)!;
  const [, command] = /^Environment='RESTART_COMMAND=(.*)'$/m.exec(unit)!;
  const state = join(folder, "state.json");
  for (
    const [args, env] of [
      [entry, { DOCKER_CONTAINER: "evolution" }],
      [[...started!.split(" "), "main.ts"], { RESTART_COMMAND: command! }],
    ] as const
  ) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: copy,
      env: {
        WEBHOOK_SECRET: SECRET,
        HOST: "127.0.0.1",
        PORT: String(await freePort()),
        STATE_FILE: state,
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      said += read.value;
      if (said.includes('"listening"') && !said.includes('"stopped"')) child.kill("SIGTERM");
    }
    assert.equal((await child.status).code, 0, await stderr);
    assert.match(said, /"listening".*\n.*"stopped"/);
    await stderr;
  }
});

agentTest(
  "a deploy hook is called with its header, and no redirect is followed",
  async (folder, start) => {
    const seen: (string | null)[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      seen.push(`${request.method} ${request.headers.get("authorization")}`);
      return request.url.endsWith("/moved")
        ? Response.redirect(new URL("/elsewhere", request.url), 302)
        : new Response("ok", { status: 202 });
    });
    const url = `http://127.0.0.1:${server.addr.port}`;
    const hook = { DEPLOY_HOOK_HEADER: "Authorization: Bearer token" };
    const agent = await start({ ...hook, DEPLOY_HOOK_URL: `${url}/hook` });
    assert.equal((await agent.ask())["result"], "restarted");
    const moved = await start({
      ...hook,
      DEPLOY_HOOK_URL: `${url}/moved`,
      STATE_FILE: join(folder, "2.json"),
    });
    assert.equal((await moved.ask())["why"], "hook_refused");
    assert.deepEqual(seen, ["POST Bearer token", "POST Bearer token"]);
    await server.shutdown();
  },
);

Deno.test("settings that make no sense end the agent with 2 and a line for each", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", AGENT],
    env: { WEBHOOK_SECRET: "short", MAX_PER_DAY: "many" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.equal(code, 2);
  const lines = new TextDecoder().decode(stderr).trimEnd().split("\n");
  assert.equal(lines[0], "restart-agent does not start:");
  assert.deepEqual(lines.slice(1).map((line) => line.trim().split(":")[0]), [
    "WEBHOOK_SECRET",
    "DOCKER_CONTAINER",
    "MAX_PER_DAY",
  ]);
});
