import assert from "node:assert/strict";
import {
  EVOLUTION_KEY,
  EVOLUTION_URL,
  type VirtualWorld,
  type WorldOptions,
} from "../../../dev/world/virtual-world.ts";
import { assertRefused, clientOf } from "../../support/actions.ts";
import { databaseContent } from "../../support/database-content.ts";
import { worldTest } from "../../support/world.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A create that is refused. */
interface Refused {
  readonly when: string;
  readonly prepare?: (world: VirtualWorld) => void;
  /** What the request says besides. */
  readonly request?: Fields;
  /** What the error is like. */
  readonly like: Fields;
  /** What the gateway was asked besides its registry. */
  readonly routes?: readonly string[];
}

/** Asks, and sees that nothing is left behind, here or at the gateway. */
async function assertNothingLeft(world: VirtualWorld, refused: Refused): Promise<void> {
  refused.prepare?.(world);
  const instances = world.gateway.control.instances();
  const database = await databaseContent(world);
  const called = world.gateway.calls.length;
  const { organizationId } = world.company;
  await assertRefused(
    clientOf(world).createInstance({ organizationId, displayName: "Vendas", ...refused.request }),
    refused.like,
  );
  world.gateway.control.clearFaults();
  assert.deepEqual(world.gateway.control.instances(), instances, refused.when);
  const routes = world.gateway.calls.slice(called).map((call) => call.route);
  assert.deepEqual(
    routes.filter((route) => route !== "fetchInstances" && route !== "root"),
    refused.routes ?? [],
    refused.when,
  );
  assert.deepEqual(counts(await databaseContent(world)), counts(database), refused.when);
}

/** Rows by table: time passes during slow answers and changes the age of what was there. */
function counts(content: Readonly<Record<string, string>>) {
  return Object.entries(content).map(([table, rows]) => [table, rows.split("\n").length]);
}

const answers = (status: number, message: string) => ({
  status,
  body: { status, error: "Error", response: { message: [message] } },
});
const taken = { status: 409, code: "INSTANCE_NAME_TAKEN", place: { field: "instanceName" } };

const BY_THE_GATEWAY: readonly Refused[] = [
  {
    when: "the name is ours already: the gateway does not even hear of it",
    request: { instanceName: "atendimento-1" },
    like: taken,
  },
  {
    when: "the gateway has the name, and that instance stays as it is",
    prepare: ({ gateway }) =>
      void gateway.control.createPaired({ name: "de-outro", phone: "5511955554444" }),
    request: { instanceName: "de-outro" },
    like: taken,
  },
  {
    when: "the gateway has not let go of the name yet",
    prepare: ({ gateway }) =>
      gateway.control.fault("create", answers(403, 'This name "antigo" is already in use.')),
    request: { instanceName: "antigo" },
    like: taken,
    routes: ["create"],
  },
  {
    when: "nobody reaches the gateway",
    prepare: ({ gateway }) => gateway.control.gatewayDown(true),
    like: {
      status: 502,
      code: "GATEWAY_UNREACHABLE",
      retryable: true,
      place: { field: "gateway" },
    },
  },
  {
    when: "the key is wrong",
    request: { gateway: { apiUrl: EVOLUTION_URL, apiKey: "errada" } },
    like: { status: 502, code: "GATEWAY_UNAUTHORIZED", retryable: false },
  },
  {
    when: "the gateway refuses the request",
    prepare: ({ gateway }) => gateway.control.fault("create", answers(400, "Invalid integration")),
    like: { status: 502, code: "GATEWAY_REFUSED" },
    routes: ["create"],
  },
  {
    when: "the gateway never answers: what is known is said",
    prepare: ({ gateway }) => gateway.control.fault("create", "hang"),
    like: { status: 504, code: "GATEWAY_TIMEOUT", place: { field: "gateway", reason: "unknown" } },
    routes: ["create"],
  },
  {
    when: "the address is not the gateway's",
    request: { gateway: { apiUrl: `${EVOLUTION_URL}/manager`, apiKey: EVOLUTION_KEY } },
    like: { status: 502, code: "GATEWAY_ERROR" },
    routes: ["unknown", "unknown"],
  },
  {
    when: "a version too old is named before anything is asked of it",
    prepare: ({ gateway }) =>
      gateway.control.fault("root", { status: 200, body: { status: 200, version: "2.1.1" } }),
    like: {
      status: 502,
      code: "GATEWAY_UNSUPPORTED",
      retryable: false,
      place: { field: "gateway", reason: "unusable" },
    },
  },
  {
    when: "a gateway without its licence says so",
    prepare: ({ gateway }) => gateway.control.setVersion("2.4.0-rc2"),
    like: { status: 502, code: "GATEWAY_UNLICENSED" },
  },
];

worldTest(
  "a create that the gateway refuses names the reason and leaves nothing",
  async (world) => {
    for (const refused of BY_THE_GATEWAY) await assertNothingLeft(world, refused);
  },
);

const UNSAFE = [
  ["http://evolution.example", "not_https"],
  ["https://169.254.169.254/latest", "private_address"],
  ["https://[::1]:8080", "private_address"],
  ["https://user:pass@8.8.8.8", "credentials_in_url"],
] as const;

const NO_GATEWAY: object = { defaultGateway: undefined };

worldTest("nobody makes us call an address inside the house, or none at all", async (world) => {
  for (const [apiUrl, reason] of UNSAFE) {
    await assertNothingLeft(world, {
      when: apiUrl,
      request: { gateway: { apiUrl, apiKey: "k" } },
      like: { status: 400, code: "GATEWAY_ADDRESS_REFUSED", place: { reason } },
    });
  }
  await assertNothingLeft(world, {
    when: "neither the request nor the environment names a gateway",
    like: { status: 400, code: "GATEWAY_NOT_CONFIGURED", place: { field: "gateway" } },
  });
  assert.deepEqual(world.gateway.calls, []);
}, { environment: { allowPrivateAddresses: false, ...NO_GATEWAY } });

let storing: "fails" | "loses its answer" | null = null;
const unreliable: WorldOptions = {
  aroundDatabase: (inner) => async (input, init) => {
    const request = new Request(input, init);
    if (storing === null || !request.url.endsWith("/rpc/store_new_instance")) {
      return await inner(request);
    }
    if (storing === "loses its answer") {
      storing = null;
      await (await inner(request)).body?.cancel();
    }
    throw new TypeError("the connection broke");
  },
};

worldTest(
  "where the row cannot be stored, the gateway's instance is removed again",
  async (world) => {
    storing = "fails";
    await assertNothingLeft(world, {
      when: "the database is away",
      like: { status: 503, code: "OUTCOME_UNKNOWN", retryable: true },
      routes: ["create", "delete"],
    });

    storing = "loses its answer";
    const { organizationId } = world.company;
    const { instance } = await clientOf(world).createInstance({
      organizationId,
      displayName: "Vendas",
    });
    assert.equal(instance.status, "awaiting_qr");
    assert.equal((await world.sql`select from public.whatsapp_instances`).length, 2);
  },
  unreliable,
);
