/**
 * The repair of a ghost session: what to do when the gateway answered "Connection Closed" although
 * its registry says `open`.
 *
 * ```text
 * claim ── refused ──▶ the message fails, nothing else                          skipped
 *   │
 * probe at 1, 4, 9 s ── alive ──▶ the claim is released                         false_alarm
 *   │ dead
 * the message fails                        (before the next slow call)
 *   │
 * may it still be logged out? ── taken away meanwhile ──▶ nothing more          skipped
 *   │ go      ├─ does harm on this gateway's version ──▶ no logout, the ladder      not_invalidated
 *   │         └─ reported open meanwhile ──▶ one more probe: alive              reconnected
 * DELETE /instance/logout                  (its status is recorded, never believed)
 *   │
 * the row is disconnected                  (unless the session was reported open meanwhile)
 *   │
 * registry read again ── close ──▶ auto-reconnect takes over                    invalidated
 *   └── still open ──▶ logout could not reach the session: the ladder goes on   not_invalidated
 * ```
 *
 * The module stands alone: it imports nothing and knows neither tables nor HTTP. A project with its
 * own `evolution-api` passes in its gateway calls, the SQL functions of the `_ghost_repair` migration
 * and its own way to fail a message.
 *
 * @module
 */

/** An answer of the gateway, as far as the repair looks at it. */
export interface GatewayAnswer {
  /** What came of it, as a word. */
  readonly outcome: string;
  /** How long the answer took, in ms. */
  readonly ms: number;
  /** Absent where there was no HTTP answer. */
  readonly httpStatus?: number | undefined;
}

/** The registry's answer. */
export interface RegistryAnswer extends GatewayAnswer {
  /** Digits of the number that the session belongs to, where the gateway knows it. */
  readonly ownNumber?: string | null | undefined;
}

/** The gateway calls that a repair makes. None of them throws; each has a time limit of its own. */
export interface RepairGateway {
  /** Asks through the socket; `alive` only for a parsed answer about the own number. */
  probe(ownNumber: string): Promise<GatewayAnswer>;
  /** `DELETE /instance/logout/{instance}`. */
  logout(): Promise<GatewayAnswer>;
  /** `GET /instance/fetchInstances?instanceName=`: `open`, `close`, `connecting`, or an error. */
  registry(): Promise<RegistryAnswer>;
}

/** What `claim_ghost_repair` answers. */
export interface Claim {
  /** Whether the repair is this caller's. */
  readonly claimed: boolean;
  /** Why it is not. */
  readonly reason: string | null;
  /** Shown again at every later step. */
  readonly token: string | null;
}

/** What the repair needs from its surroundings. */
export interface RepairEffects {
  /** The session's gateway. */
  readonly gateway: RepairGateway;
  /** Calls `claim_ghost_repair` for the instance. */
  readonly claim: () => Promise<Claim>;
  /** Calls `confirm_ghost_repair`, right before the logout, and returns its word. */
  readonly confirm: (token: string, probes: readonly string[]) => Promise<unknown>;
  /** Calls `release_ghost_repair`: the socket lives. */
  readonly release: (token: string, probes: readonly string[]) => Promise<unknown>;
  /** Calls `record_ghost_logout`. */
  readonly recordLogout: (token: string, outcome: RepairRecord) => Promise<unknown>;
  /** Calls `record_ghost_verification`. */
  readonly recordVerification: (token: string, outcome: RepairRecord) => Promise<unknown>;
  /**
   * Stores the message as failed, with `connection_closed`. Nothing to do: an empty function.
   *
   * @param why Where this caller repairs nothing: the claim's word, or `claim_failed`.
   */
  readonly failMessage: (why?: string) => Promise<void>;
  /** Waits for ms; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Told of a step that failed; must not throw. */
  readonly onFault?: (step: string, error: unknown) => void;
}

/** What the database is told, as JSON. */
export type RepairRecord = Readonly<Record<string, unknown>>;

/** What is known when the repair starts. */
export interface Suspicion {
  /** The own number, from the `open` webhook; null where it is not known. */
  readonly ownNumber: string | null;
  /** When to probe, in ms after the claim. Empty: the socket counts as dead at once. */
  readonly confirmAtMs: readonly number[];
  /**
   * `keep-pairing`: no logout here; the ladder tries what keeps the pairing first. `logout-first`,
   * the default: logout at once.
   */
  readonly policy?: "logout-first" | "keep-pairing";
}

/** How a repair ended. */
export type RepairResult =
  /** Another repair has it, or it must not be touched. The message was failed. */
  | { readonly outcome: "skipped"; readonly reason: string }
  /** The socket lives. The message was not touched: it is the caller's to send again or to fail. */
  | { readonly outcome: "false_alarm" }
  /** The socket lives again, but the message has failed by then. */
  | { readonly outcome: "reconnected" }
  /** Logged out; `registry` is what the gateway says of itself afterwards. */
  | {
    readonly outcome: "invalidated" | "not_invalidated" | "unverified";
    readonly logout: GatewayAnswer | null;
    readonly registry: GatewayAnswer | null;
  };

/** Answers to `confirm` after which the session is not ours to end any more. */
const TAKEN_AWAY: ReadonlySet<unknown> = new Set([
  "awaiting_qr",
  "manual_disconnect",
  "repair_in_flight",
  "stale",
  "not_found",
]);

/** The registry answered, whatever it says of the session. */
const REGISTRY_ANSWERED: ReadonlySet<string | undefined> = new Set([
  "open",
  "close",
  "connecting",
  "not_found",
]);

/**
 * Repairs a session that answered "Connection Closed". Never throws.
 *
 * @param suspicion What is known of the session.
 * @param effects How to reach the gateway and the database.
 */
export async function handleConnectionClosed(
  suspicion: Suspicion,
  effects: RepairEffects,
): Promise<RepairResult> {
  const claim = await attempt("claim", effects, effects.claim);
  if (!claim?.claimed || claim.token === null) {
    const reason = claim?.reason ?? "claim_failed";
    await attempt("fail_message", effects, () => effects.failMessage(reason));
    return { outcome: "skipped", reason };
  }
  const token = claim.token;

  const evidence = await confirmDead(suspicion, effects);
  const { probes } = evidence;
  if (evidence.socket === "alive") {
    await attempt("release", effects, () => effects.release(token, probes));
    return { outcome: "false_alarm" };
  }
  await attempt("fail_message", effects, () => effects.failMessage());

  const leave = await askLeave(token, evidence, effects);
  if (leave === "alive") {
    await attempt("release", effects, () => effects.release(token, probes));
    return { outcome: "reconnected" };
  }
  if (TAKEN_AWAY.has(leave)) return { outcome: "skipped", reason: `${leave}` };

  const allowed = leave === "go" && evidence.socket === "dead" &&
    suspicion.policy !== "keep-pairing";
  const logout = allowed
    ? await attempt("logout", effects, () => effects.gateway.logout())
    : undefined;
  await attempt("record_logout", effects, () =>
    effects.recordLogout(token, {
      logout: logout?.outcome ?? (allowed ? "fault" : "not_called"),
      ...(logout === undefined ? {} : answerFields(logout)),
      probes,
    }));

  const registry = await attempt("verify", effects, () => effects.gateway.registry());
  const outcome = judgeRegistry(registry?.outcome);
  await attempt("record_verification", effects, () =>
    effects.recordVerification(token, {
      outcome,
      registry: registry?.outcome ?? "fault",
      ...(registry === undefined ? {} : answerFields(registry)),
    }));
  return { outcome, logout: logout ?? null, registry: registry ?? null };
}

/** Unknown is neither: only the registry's own word counts. */
function judgeRegistry(registry: string | undefined) {
  if (registry === "close") return "invalidated";
  if (registry === "open" || registry === "connecting") return "not_invalidated";
  return "unverified";
}

interface Evidence {
  /** `unknown`: there was nobody to probe, and the gateway did not say who it would be. */
  readonly socket: "alive" | "dead" | "unknown";
  /** The probes' outcomes in the order in which they came. */
  readonly probes: string[];
  readonly ownNumber: string | null;
}

/**
 * A plain network blip heals in under a second, and logging out then would throw a good pairing
 * away. The probes overlap: on a half-open socket each of them waits out its own limit.
 */
async function confirmDead(suspicion: Suspicion, effects: RepairEffects): Promise<Evidence> {
  const { confirmAtMs } = suspicion;
  if (confirmAtMs.length === 0) {
    return { socket: "dead", probes: [], ownNumber: suspicion.ownNumber };
  }
  const ownNumber = suspicion.ownNumber ?? await findOwnNumber(confirmAtMs, effects);
  // Without an owner there is no pairing to lose.
  if (ownNumber === null) return { socket: "dead", probes: ["number_unknown"], ownNumber };
  if (ownNumber === undefined) {
    return { socket: "unknown", probes: ["registry_unknown"], ownNumber: null };
  }

  const probes: string[] = [];
  const decided = new AbortController();
  const asks = confirmAtMs.map(async (ms) => {
    await effects.sleep(ms, decided.signal);
    const answer = await effects.gateway.probe(ownNumber);
    probes.push(answer.outcome);
    if (answer.outcome !== "alive") throw new Error(answer.outcome);
  });
  try {
    await Promise.any(asks);
    return { socket: "alive", probes: [...probes], ownNumber };
  } catch {
    return { socket: "dead", probes, ownNumber };
  } finally {
    decided.abort();
  }
}

/**
 * The registry knows the owner. Where it does not answer it is asked again at each probe's time.
 *
 * @returns Null where it names nobody, undefined where it never answered.
 */
async function findOwnNumber(
  confirmAtMs: readonly number[],
  effects: RepairEffects,
): Promise<string | null | undefined> {
  let waitedMs = 0;
  for (const ms of [0, ...confirmAtMs]) {
    if (ms > waitedMs) await effects.sleep(ms - waitedMs);
    waitedMs = Math.max(ms, waitedMs);
    const answer = await attempt("own_number", effects, () => effects.gateway.registry());
    if (REGISTRY_ANSWERED.has(answer?.outcome)) return answer?.ownNumber ?? null;
  }
  return undefined;
}

/**
 * Asks whether the session is still to be logged out. Reported open since the last look, it is probed
 * once more, and only an answer ends the repair: who reports may have believed the registry.
 *
 * @returns The word of `confirm`, or `alive`; undefined where the database did not answer.
 */
async function askLeave(
  token: string,
  { ownNumber, probes }: Evidence,
  effects: RepairEffects,
): Promise<unknown> {
  while (true) {
    const leave = await attempt("confirm", effects, () => effects.confirm(token, probes));
    if (leave !== "probe_again") return leave;
    if (ownNumber === null) continue;
    const { outcome } = await effects.gateway.probe(ownNumber);
    probes.push(outcome);
    if (outcome === "alive") return "alive";
  }
}

function answerFields(answer: GatewayAnswer): Record<string, number> {
  const ms = Math.round(answer.ms);
  return answer.httpStatus === undefined ? { ms } : { ms, http_status: answer.httpStatus };
}

/** A step that fails is told and does not stop the repair: the next one may still help. */
async function attempt<T>(
  step: string,
  effects: RepairEffects,
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    effects.onFault?.(step, error);
    return undefined;
  }
}
