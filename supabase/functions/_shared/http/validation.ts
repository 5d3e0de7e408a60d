/**
 * What comes from outside: checked, storable, and where it is wrong, named. One sentence for each
 * kind of complaint that a contract raises, in Portuguese and English, says what is allowed instead.
 *
 * @module
 */

import * as z from "zod/mini";
import { ApiError } from "./errors.ts";
import type { Language } from "./language.ts";

/**
 * Checks data against a schema.
 *
 * @returns What the schema makes of it.
 * @throws {ApiError} INVALID_REQUEST with the first field that is wrong, and why, in `language`.
 */
export function parseRequest<T>(schema: z.core.$ZodType<T>, data: unknown, language: Language): T {
  const parsed = z.safeParse(schema, data, { error: (issue) => explain(issue)[language] });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "body";
  const detail = `${field}: ${issue?.message ?? ""}`.trim();
  throw new ApiError("INVALID_REQUEST", { field, detail }, { cause: parsed.error });
}

type Sentence = Readonly<Record<Language, string>>;

const TYPES: Readonly<Record<string, Sentence>> = {
  string: { pt: "um texto", en: "a text" },
  number: { pt: "um número", en: "a number" },
  int: { pt: "um número inteiro", en: "a whole number" },
  boolean: { pt: "true ou false", en: "true or false" },
  object: { pt: "um objeto", en: "an object" },
  array: { pt: "uma lista", en: "a list" },
};

/** By zod's names of formats, and by those that the contracts give to theirs. */
const FORMATS: Readonly<Record<string, Sentence>> = {
  uuid: { pt: "um UUID", en: "a UUID" },
  url: {
    pt: "um endereço completo, como https://exemplo.com/foto.jpg",
    en: "a whole address, like https://example.com/picture.jpg",
  },
  whatsapp_address: {
    pt: "um número com DDI, só dígitos (5511999998888), ou o JID de uma pessoa ou grupo",
    en: "a number with its country code, digits only (5511999998888), or a person's or group's JID",
  },
  mime_type: { pt: "um tipo de mídia, como image/png", en: "a media type, like image/png" },
  instance_name: {
    pt: "de 3 a 64 letras sem acento, dígitos, _ ou -",
    en: "3 to 64 letters without accents, digits, _ or -",
  },
};

const UNITS: Readonly<Record<string, Sentence>> = {
  string: { pt: " caracteres", en: " characters" },
  array: { pt: " itens", en: " items" },
};

/** What none of our contracts raises. */
const NOT_ALLOWED: Sentence = { pt: "não é aceito.", en: "is not allowed." };

/** A sentence's end: what is wrong, and what is allowed. */
function explain(issue: z.core.$ZodRawIssue): Sentence {
  switch (issue.code) {
    case "invalid_type": {
      const { pt, en } = TYPES[issue.expected] ?? { pt: issue.expected, en: issue.expected };
      return issue.input === undefined
        ? { pt: `falta este campo; esperava-se ${pt}.`, en: `is missing; expected ${en}.` }
        : { pt: `tipo errado; esperava-se ${pt}.`, en: `has the wrong type; expected ${en}.` };
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      return {
        pt: `valor não permitido; use ${choice(values, "ou")}.`,
        en: `has a value that is not allowed; use ${choice(values, "or")}.`,
      };
    }
    case "invalid_format": {
      const { pt, en } = FORMATS[issue.format] ??
        { pt: `algo da forma ${issue.pattern}`, en: `something like ${issue.pattern}` };
      return { pt: `formato errado; use ${pt}.`, en: `has the wrong format; use ${en}.` };
    }
    case "too_small": {
      const { pt, en } = amount(issue.minimum, issue.origin);
      return issue.origin === "string" && issue.minimum === 1
        ? { pt: "está vazio; escreva algo.", en: "is empty; write something." }
        : { pt: `abaixo do mínimo de ${pt}.`, en: `is below the least, ${en}.` };
    }
    case "too_big": {
      const { pt, en } = amount(issue.maximum, issue.origin);
      return { pt: `acima do máximo de ${pt}.`, en: `is above the most, ${en}.` };
    }
    case "invalid_union": {
      // The alternatives' own complaints, which are in the caller's language already.
      const ways = issue.errors.map(([first]) => first?.message ?? "").join(" | ");
      return { pt: `nenhuma forma aceita: ${ways}`, en: `fits none of what is allowed: ${ways}` };
    }
    case "custom":
      return brokenRule(issue.params ?? {});
    default:
      return NOT_ALLOWED;
  }
}

type Ways = readonly (readonly string[])[];

/** A rule over several fields, as the contracts write it: `needs` or `eitherOf`, ways to keep it. */
function brokenRule({ needs, eitherOf }: { needs?: Ways; eitherOf?: Ways }): Sentence {
  const ways = needs ?? eitherOf;
  if (ways === undefined) return NOT_ALLOWED;
  const say = (and: string, or: string) => choice(ways.map((way) => way.join(` ${and} `)), or);
  const [only, either] = needs === undefined ? ["só ", "either "] : ["", ""];
  return { pt: `informe ${only}${say("com", "ou")}.`, en: `give ${either}${say("with", "or")}.` };
}

function amount(count: number | bigint, origin: string): Sentence {
  return {
    pt: `${count}${UNITS[origin]?.pt ?? ""}`,
    en: `${count}${UNITS[origin]?.en ?? ""}`,
  };
}

function choice(values: readonly string[], or: string): string {
  const last = values.at(-1) ?? "";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} ${or} ${last}`;
}

/** How JSON writes what {@linkcode storable} takes out; elsewhere it cannot be in a JSON text. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/**
 * Text that PostgreSQL stores: without NUL and halves of surrogate pairs. With either of them a
 * write fails every time, however often it is repeated.
 */
export function storable(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

/**
 * Parses JSON whose texts are all {@linkcode storable}.
 *
 * @throws {SyntaxError} Where it is no JSON, or of a structure that no request of ours has.
 */
export function parseStorable(json: string): unknown {
  if (!isBounded(json)) throw new SyntaxError("too deep or too many parts");
  if (!ESCAPED.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_key, value) => typeof value === "string" ? storable(value) : value);
}

const MAX_DEPTH = 64;
/** Brackets, commas and colons outside of texts. */
const MAX_SIGNS = 200_000;

/**
 * Whether a JSON text's structure is bounded, without parsing it: megabytes of brackets would occupy
 * the isolate for seconds. Texts are skipped whole.
 */
function isBounded(json: string): boolean {
  let depth = 0;
  let signs = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case 0x22: // "
        at = textEnd(json, at);
        if (at < 0) return true; // Unfinished: the parser says so.
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH || ++signs > MAX_SIGNS) return false;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
      case 0x3a: // :
        if (++signs > MAX_SIGNS) return false;
    }
  }
  return true;
}

/** Where a text ends that begins at a quote; -1: nowhere. */
function textEnd(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let first = end;
    while (json.charCodeAt(first - 1) === 0x5c) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return -1;
}
