import assert from "node:assert/strict";
import { base64url, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import { databaseContent } from "../support/database-content.ts";
import { connectionUpdate } from "../support/webhooks.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import { bareTest, type BareWorld } from "./support/bare-world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const HOUR_S = 3600;

/** Headers of those who are not the number's gateway, by what is wrong with them. */
async function forgeries(
  { world }: BareWorld,
  otherSecret: string,
): Promise<Record<string, Record<string, string>>> {
  const { company, clock } = world;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const json = (value: unknown) => base64url.encode(JSON.stringify(value));
  const key = bytes(company.webhookSecret);
  const now = Math.floor(clock.now().getTime() / 1000);
  const at = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000);
  const good = webhookToken(company.webhookSecret, clock.now());
  const [header, claims, signature] = good.split(".") as [string, string, string];
  const times = { iat: now, exp: now + 60 };
  const signed = (payload: Record<string, unknown>, alg = "HS256", secret = key) =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(secret);
  const rsa = await generateKeyPair("RS256", { extractable: true });
  const pem = bytes(await exportSPKI(rsa.publicKey));
  const none = (alg: string) => json({ alg, typ: "JWT" });
  const tokens: Record<string, string> = {
    "another number's key": webhookToken(otherSecret, clock.now()),
    "a token whose retries are over": webhookToken(company.webhookSecret, at(-2_220)),
    "a token from the future": webhookToken(company.webhookSecret, at(300)),
    "a token for an hour": await signed({ iat: now, exp: now + HOUR_S }),
    "an hour, begun long ago": await signed({ iat: now - HOUR_S + 60, exp: now + 60 }),
    "no iat": await signed({ exp: now + 60 }),
    "no exp": await signed({ iat: now }),
    "neither": await signed({ app: "evolution", action: "webhook" }),
    "times as texts": await signed({ iat: String(now), exp: String(now + 60) }),
    "not valid yet": await signed({ ...times, nbf: now + HOUR_S }),
    "alg none": `${none("none")}.${claims}.`,
    "alg nOnE": `${none("nOnE")}.${claims}.${signature}`,
    "HS512": await signed(times, "HS512"),
    "RS256 with an own key": await new SignJWT(times)
      .setProtectedHeader({ alg: "RS256" }).sign(rsa.privateKey),
    "HS256 with a public key": await signed(times, "HS256", pem),
    "HS256 with the number's id": await signed(times, "HS256", bytes(company.instanceId)),
    "a longer life written in": `${header}.${json({ ...times, exp: now + HOUR_S })}.${signature}`,
    "no signature": `${header}.${claims}.`,
    "the secret itself": company.webhookSecret,
    "a user": world.userToken,
    "the service key": world.auth.serviceRoleKey,
    "the secret key": world.auth.secretKey,
  };
  const bearers = Object.entries(tokens).map(([what, token]) =>
    [what, { authorization: `Bearer ${token}` }] as const
  );
  return {
    ...Object.fromEntries(bearers),
    "a good token of another scheme": { authorization: `Basic ${good}` },
    "an empty bearer": { authorization: "Bearer" },
    "the secret as a token": { "x-webhook-token": company.webhookSecret },
    "an empty token": { "x-webhook-token": "" },
    "the instance's apikey": { apikey: "CE48FCE0-2BCA-4A32-866C-CCB8A89DF4CA" },
    "nothing": {},
  };
}

bareTest(
  "a forged webhook is refused, and a number that exists costs what none costs",
  async (bare) => {
    const { world } = bare;
    const { company: other } = await world.addCompany({});
    // In the middle of a rotation: both keys are live.
    const { instanceId } = world.company;
    await world.sql`select public.rotate_webhook_secret(${instanceId}, 'k2-of-rotation')`;
    const before = await databaseContent(world);
    const close = JSON.stringify(connectionUpdate(world, "close"));
    const bodies = [close, "no JSON", "[".repeat(20_000)];
    const work = async (id: string, headers: Record<string, string>, body: string) => {
      const begun = bare.queries.length;
      const told = await bare.ask("evolution-webhook", { path: `/${id}`, headers, body });
      count("access checks");
      return { told, queries: bare.queries.slice(begun) };
    };
    const forged = Object.entries(await forgeries(bare, other.webhookSecret));
    for (const [at, [what, headers]] of forged.entries()) {
      for (const body of isLong ? bodies : [bodies[at % bodies.length]!]) {
        const known = await work(instanceId, headers, body);
        const unknown = await work(UNKNOWN, headers, body);
        assert.equal(known.told.status, 401, what);
        assert.equal(unknown.told.status, 401, what);
        assert.deepEqual(known.queries, unknown.queries, what);
        assert.ok(known.queries.length <= 1, what);
        const plain = (text: string) => text.replace(/"requestId":"[^"]*"/, "");
        assert.equal(plain(known.told.text), plain(unknown.told.text));
      }
    }
    for (const path of ["", "/", "/atendimento", `/${UNKNOWN}x`, "/../evolution-api", "/%00"]) {
      const headers = { authorization: `Bearer ${webhookToken("x", world.clock.now())}` };
      const told = await bare.ask("evolution-webhook", { path, headers, body: close });
      assert.equal(told.status, 401, path);
      count("access checks");
    }
    assert.deepEqual(await databaseContent(world), before);
  },
);

bareTest(
  "in a rotation the old key and the new one are good, afterwards only the new one",
  async (bare) => {
    const { world } = bare;
    const { instanceId, webhookSecret } = world.company;
    const status = async (secret: string) => {
      const told = await bare.ask("evolution-webhook", {
        path: `/${instanceId}`,
        headers: { authorization: `Bearer ${webhookToken(secret, world.clock.now())}` },
        body: JSON.stringify(connectionUpdate(world, "connecting")),
      });
      count("access checks");
      return told.status;
    };
    assert.deepEqual([await status(webhookSecret), await status("new key")], [200, 401]);
    await world
      .sql`select public.rotate_webhook_secret(${instanceId}, 'new key', interval '1 hour')`;
    assert.deepEqual([await status(webhookSecret), await status("new key")], [200, 200]);
    await world.clock.advance(61 * 60_000);
    assert.deepEqual([await status(webhookSecret), await status("new key")], [401, 200]);
  },
);
