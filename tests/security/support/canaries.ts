/**
 * Words that can be recognised wherever they turn up, and where they may; and a tap on the wires to
 * and from the gateway, and to the operator's hook, that learns what the gateway makes up.
 *
 * @module
 */

import assert from "node:assert/strict";
import type postgres from "postgres";
import type { FunctionHandler } from "../../../dev/platform/functions.ts";
import { count } from "../../../dev/tasks/security/counts.ts";

/**
 * - `secret`: may be nowhere outside schema private;
 * - `qr`: the same, but for the answer to somebody who may scan it;
 * - `text`, `number`: content, which has its columns.
 */
type CanaryKind = "secret" | "qr" | "text" | "number";

/** Where content lives: every other column of every table outside `private` is searched for it. */
const COLUMNS_OF: Readonly<Record<CanaryKind, readonly string[]>> = {
  secret: [],
  qr: [],
  text: [
    ...["messages", "message_states"].flatMap((table) =>
      ["content", "caption", "media_url", "file_name"].map((column) => `${table}.${column}`)
    ),
    "conversations.contact_name",
  ],
  number: ["whatsapp_instances.phone_number", "conversations.remote_jid"],
};

/** The actions whose answers hold such content by contract. */
const ANSWERS_OF: Readonly<Record<CanaryKind, readonly string[]>> = {
  secret: [],
  qr: ["get_qrcode", "create_instance", "reconnect_instance"],
  text: [],
  number: ["list_instances", "get_status", "create_instance"],
};

/** Something that was written down somewhere. */
export interface Haystack {
  /** `log`, `hook`, `answer:<action>` or `table.column`. */
  readonly where: string;
  readonly text: string;
}

/** What was planted, and what is found of it. */
export class Canaries {
  readonly #all = new Map<string, { readonly kind: CanaryKind; readonly shapes: Set<string> }>();

  /** Plants a word; returns it. Too short a word would be found by chance. */
  plant(kind: CanaryKind, word: string): string {
    assert.ok(word.length >= 10, "a canary of ten characters at least");
    if (this.#all.get(word)?.kind === kind) return word;
    // As it is, as JSON writes it, and as an address does.
    const shapes = [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)];
    this.#all.set(word, { kind, shapes: new Set(shapes) });
    return word;
  }

  /** How many were planted of a kind. */
  count(kind: CanaryKind): number {
    return [...this.#all.values()].filter((each) => each.kind === kind).length;
  }

  /** Where words are that have no business there. Counts each word in each place. */
  search(haystacks: readonly Haystack[]): string[] {
    const found: string[] = [];
    let searches = 0;
    for (const { where, text } of haystacks) {
      for (const [word, { kind, shapes }] of this.#all) {
        if (isAllowed(kind, where)) continue;
        searches++;
        if (shapes.values().some((shape) => text.includes(shape))) {
          found.push(`${kind} ${word.slice(0, 40)} in ${where}: ${text.slice(0, 200)}`);
        }
      }
    }
    count("canary searches", searches);
    return found;
  }
}

function isAllowed(kind: CanaryKind, where: string): boolean {
  const [place = "", action = ""] = where.split(":");
  return place === "answer" ? ANSWERS_OF[kind].includes(action) : COLUMNS_OF[kind].includes(where);
}

/** Every value of every row outside schema private. */
export async function exposedRows(sql: postgres.Sql): Promise<Haystack[]> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')`;
  const all: Haystack[] = [];
  for (const { name } of tables) {
    const rows = await sql.unsafe<{ row: Record<string, unknown> }[]>(
      `select to_jsonb(t) as row from public.${name} t`,
    );
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        all.push({ where: `${name}.${column}`, text });
      }
    }
  }
  return all;
}

/** The operator's hook of these tests. */
export const HOOK_URL = "http://hook.test/operator";

/** Plants whatever secret the gateway makes up: instance tokens, QR codes, pairing codes. */
export class GatewayTap {
  /** What the operator's hook was told. */
  readonly hook: Haystack[] = [];

  /** @param canaries Where to plant. */
  constructor(private readonly canaries: Canaries) {}

  /** On the way to the gateway. */
  aroundGateway(inner: typeof fetch): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith("http://hook.test/")) {
        const head = [...request.headers].join("\n");
        this.hook.push({ where: "hook", text: `${head}\n${await request.text()}` });
        return new Response(null, { status: this.hook.length === 1 ? 500 : 204 });
      }
      const response = await inner(input, init);
      this.#learn(await response.clone().text());
      return response;
    };
  }

  /** On the way from the gateway. */
  aroundWebhooks(inner: FunctionHandler): FunctionHandler {
    return async (request) => {
      this.#learn(await request.clone().text());
      return await inner(request);
    };
  }

  #learn(text: string): void {
    for (const [, secret] of text.matchAll(/"(?:apikey|token|hash)":"([^"]{10,})"/g)) {
      this.canaries.plant("secret", secret!);
    }
    for (const [, qr] of text.matchAll(/"(?:code|base64|pairingCode)":"([^"]{10,})"/g)) {
      this.canaries.plant("qr", qr!);
    }
  }
}
