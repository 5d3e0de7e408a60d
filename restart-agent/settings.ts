/**
 * The agent's settings, from the environment. All of them are checked before anything is served, and
 * every mistake is named at once.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as z from "zod/mini";

/** How the gateway's process is restarted. */
export type Means =
  /** By Docker's Engine API: the container's name or id, and where the API is. */
  | { readonly by: "docker"; readonly container: string; readonly host: string }
  /** By a program: its path and arguments. No shell reads them. */
  | { readonly by: "command"; readonly command: readonly [string, ...string[]] }
  /** By a platform's deploy hook. */
  | {
    readonly by: "hook";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };

/** Hours of a day in which a restart disturbs least. */
export interface Window {
  /** Minutes after midnight; where `to` is not after `from`, over midnight. */
  readonly from: number;
  readonly to: number;
  /** IANA's name. */
  readonly timeZone: string;
}

/** See the module. */
export interface Settings {
  /** `whsec_` and base64, or any text; the first is today's, others are accepted during a rotation. */
  readonly secrets: readonly string[];
  readonly means: Means;
  /** How long the restart itself may take, in ms. */
  readonly limitMs: number;
  /** Between two restarts, in ms. */
  readonly minIntervalMs: number;
  /** In any 24 hours. */
  readonly maxPerDay: number;
  /** Null: at any time. */
  readonly window: Window | null;
  /**
   * The share of the gateway's numbers, 0 to 1, that have to be dead for a restart outside the
   * window.
   */
  readonly quorum: number;
  /** Only requests for this gateway are its business; null: for any. */
  readonly gatewayUrl: string | null;
  /** Where it remembers its restarts. */
  readonly stateFile: string;
  readonly host: string;
  readonly port: number;
}

/** What is wrong with the environment: a sentence for each variable. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** @param problems Sentences that begin with the variable's name. */
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(\S.*)$/;
const command = z.tuple([z.string().check(z.minLength(1))], z.string());

/**
 * Reads the settings.
 *
 * @param environment `Deno.env.toObject()`.
 * @throws {SettingsError} Where one is missing or makes no sense.
 */
export function readSettings(environment: Readonly<Record<string, string>>): Settings {
  const problems: string[] = [];
  const value = (name: string) => environment[name]?.trim() || undefined;
  const wrong = (name: string, allowed: string) => {
    problems.push(`${name}: ${allowed}`);
    return undefined;
  };
  /** A variable as `parse` reads it; `otherwise` where it is not set. */
  const read = <T>(
    name: string,
    allowed: string,
    otherwise: T,
    parse: (text: string) => T | null,
  ) => {
    const text = value(name);
    if (text === undefined) return otherwise;
    const parsed = parse(text);
    return parsed === null ? wrong(name, allowed) ?? otherwise : parsed;
  };

  if (value("WEBHOOK_SECRET") === undefined) {
    wrong("WEBHOOK_SECRET", "is required; the same secret signs the calls in your project");
  }
  const secrets = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD"].flatMap((name) => {
    const secret = value(name);
    if (secret === undefined) return [];
    if (keyOf(secret).length < LEAST_KEY_BYTES) {
      wrong(
        name,
        "is shorter than 16 bytes; whsec_ begins base64, anything else is taken as it is",
      );
    }
    return [secret];
  });
  const means = readMeans(value, wrong);
  const settings = {
    secrets,
    limitMs: read(
      "RESTART_LIMIT",
      "a duration of 5s to 10m, such as 90s",
      2 * UNITS.m,
      (text) => between(duration(text), 5_000, 10 * UNITS.m),
    ),
    minIntervalMs: read(
      "MIN_INTERVAL",
      "a duration of 1m to 24h, such as 10m",
      10 * UNITS.m,
      (text) => between(duration(text), UNITS.m, 24 * 60 * UNITS.m),
    ),
    maxPerDay: read(
      "MAX_PER_DAY",
      "a number from 1 to 48",
      6,
      (text) => between(integer(text), 1, 48),
    ),
    window: readWindow(value, read),
    quorum: read(
      "QUORUM",
      "a share from 0 to 1, such as 0.5",
      0.5,
      (text) => /^\d*\.?\d+$/.test(text) ? between(Number(text), 0, 1) : null,
    ),
    gatewayUrl: read<string | null>(
      "GATEWAY_URL",
      "an http or https address",
      null,
      (text) => originOf(text),
    ),
    stateFile: value("STATE_FILE") ?? "restart-agent-state.json",
    host: value("HOST") ?? "0.0.0.0",
    port: read("PORT", "a port from 1 to 65535", 8787, (text) => between(integer(text), 1, 65_535)),
  };
  if (means === null || problems.length > 0) throw new SettingsError(problems);
  return { ...settings, means };
}

/** A key that nobody guesses. */
const LEAST_KEY_BYTES = 16;

/** The bytes that a secret signs with: of base64 after `whsec_`, else of the text itself. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);
}

/** An address without its path: how two spellings of one gateway are compared. */
export function originOf(address: string): string | null {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : null;
}

type Value = (name: string) => string | undefined;
type Wrong = (name: string, allowed: string) => undefined;

const MEANS = ["DOCKER_CONTAINER", "RESTART_COMMAND", "DEPLOY_HOOK_URL"] as const;

function readMeans(value: Value, wrong: Wrong): Means | null {
  const given = MEANS.filter((name) => value(name) !== undefined);
  if (given.length !== 1) {
    wrong(given[1] ?? MEANS[0], `exactly one of ${MEANS.join(", ")} says how to restart`);
    return null;
  }
  switch (given[0]) {
    case "DOCKER_CONTAINER": {
      const container = value("DOCKER_CONTAINER")!;
      const host = value("DOCKER_HOST") ?? "unix:///var/run/docker.sock";
      if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(container)) {
        wrong("DOCKER_CONTAINER", "a container's name or id");
      }
      if (!/^unix:\/\/\/.+$|^(?:tcp|http):\/\/[^/]+$/.test(host)) {
        wrong("DOCKER_HOST", "unix:///path/to/docker.sock or tcp://host:port");
      }
      return { by: "docker", container, host };
    }
    case "RESTART_COMMAND": {
      const parsed = z.safeParse(command, parseJson(value("RESTART_COMMAND")!));
      if (parsed.success) return { by: "command", command: parsed.data };
      wrong("RESTART_COMMAND", 'a JSON list, such as ["systemctl","restart","evolution"]');
      return null;
    }
    default: {
      const url = value("DEPLOY_HOOK_URL")!;
      const header = value("DEPLOY_HOOK_HEADER");
      const [, name, content] = HEADER.exec(header ?? "") ?? [];
      if (originOf(url) === null) wrong("DEPLOY_HOOK_URL", "an http or https address");
      if (header !== undefined && name === undefined) {
        wrong("DEPLOY_HOOK_HEADER", "a header, such as Authorization: Bearer …");
      }
      return { by: "hook", url, headers: name === undefined ? {} : { [name]: content! } };
    }
  }
}

function readWindow(
  value: Value,
  read: <T>(name: string, allowed: string, otherwise: T, parse: (text: string) => T | null) => T,
): Window | null {
  const timeZone = read(
    "WINDOW_TIME_ZONE",
    "a time zone, such as America/Sao_Paulo",
    "UTC",
    (text) => {
      try {
        return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
      } catch {
        return null;
      }
    },
  );
  if (value("WINDOW") === undefined) return null;
  return read<Window | null>("WINDOW", "hours of the day, such as 02:00-05:00", null, (text) => {
    const found = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
    if (found === null) return null;
    const [, h1, m1, h2, m2] = found.map(Number) as [number, number, number, number, number];
    return { from: h1 * 60 + m1, to: h2 * 60 + m2, timeZone };
  });
}

const between = (number: number | null, least: number, most: number) =>
  number !== null && number >= least && number <= most ? number : null;
const integer = (text: string) => /^\d{1,6}$/.test(text) ? Number(text) : null;

/** `90s`, `10m`, `1h` in ms. */
function duration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** What a text of JSON says; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
