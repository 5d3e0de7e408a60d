/**
 * The repair of a ghost session: what to do when the gateway answered "Connection Closed" although
 * its registry says `open`.
 *
 * ```text
 * claim ── refused ──▶ the message fails, nothing else                          skipped
 *   │
 * probe at 1, 4, 9 s ── alive ──▶ the claim is released                         false_alarm
 *   │ dead            ── reported open meanwhile ──▶ the same
 * the message fails                        (before the next slow call)
 *   │
 * DELETE /instance/logout                  (its status is recorded, never believed)
 *   │
 * the row is disconnected                  (unless the session came back meanwhile)
 *   │
 * registry read again ── close ──▶ auto-reconnect takes over                    invalidated
 *   └── still open ──▶ logout could not reach the session: the ladder goes on   not_invalidated
 * ```
 *
 * The module stands alone: it imports nothing and knows neither tables nor HTTP. A project with its
 * own `evolution-api` passes in its gateway calls, the two SQL functions of the `_ghost_repair`
 * migration and its own way to fail a message.
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
  /** Shown again at the finish. */
  readonly token: string | null;
}

/** What the repair needs from its surroundings. */
export interface RepairEffects {
  /** The session's gateway. */
  readonly gateway: RepairGateway;
  /** Calls `claim_ghost_repair` for the instance. */
  readonly claim: () => Promise<Claim>;
  /** Calls `finish_ghost_repair` for the instance, and returns its word. */
  readonly finish: (token: string, outcome: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Stores the message as failed, with `connection_closed`. Nothing to do: an empty function. */
  readonly failMessage: () => Promise<void>;
  /** Waits for ms; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds on a clock that only goes forward. */
  readonly monotonicMs: () => number;
  /** Told of a step that failed; must not throw. */
  readonly onFault?: (step: string, error: unknown) => void;
}

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
  /** Logged out; `registry` is what the gateway says of itself afterwards. */
  | {
    readonly outcome: "invalidated" | "not_invalidated" | "unverified";
    readonly logout: GatewayAnswer | null;
    readonly registry: GatewayAnswer | null;
  };

/**
 * A claim is kept for 30 s longer than the window (`claim_grace`): a logout later than that after
 * its claim could fall into the next one's window, so it is not made.
 */
const LOGOUT_WITHIN_MS = 30_000;

/** Answers to "dead" after which the session is not ours to end any more. */
const WITHDRAWN: ReadonlySet<string> = new Set(["awaiting_qr", "manual_disconnect", "stale"]);

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
    await attempt("fail_message", effects, effects.failMessage);
    return { outcome: "skipped", reason: claim?.reason ?? "claim_failed" };
  }
  const token = claim.token;
  const claimedAt = effects.monotonicMs();
  const finish = (outcome: Readonly<Record<string, unknown>>) =>
    attempt("finish", effects, () => effects.finish(token, outcome));

  const evidence = await confirmDead(suspicion, effects);
  if (evidence.alive) {
    await finish({ result: "false_alarm", probes: evidence.probes });
    return { outcome: "false_alarm" };
  }
  // A logout now would end what came back, or is being paired, during the probes.
  const meanwhile = evidence.probes.length === 0
    ? undefined
    : await finish({ result: "dead", probes: evidence.probes });
  if (meanwhile === "reconnected") return { outcome: "false_alarm" };

  await attempt("fail_message", effects, effects.failMessage);
  if (typeof meanwhile === "string" && WITHDRAWN.has(meanwhile)) {
    return { outcome: "skipped", reason: meanwhile };
  }

  const allowed = suspicion.policy !== "keep-pairing" &&
    effects.monotonicMs() - claimedAt <= LOGOUT_WITHIN_MS;
  const logout = allowed
    ? await attempt("logout", effects, () => effects.gateway.logout())
    : undefined;
  await finish({
    logout: logout?.outcome ?? (allowed ? "fault" : "not_called"),
    ...(logout === undefined ? {} : answerFields(logout)),
    probes: evidence.probes,
  });

  const registry = await attempt("verify", effects, () => effects.gateway.registry());
  const outcome = judgeRegistry(registry?.outcome);
  await finish({
    verified: {
      outcome,
      registry: registry?.outcome ?? "fault",
      ...(registry === undefined ? {} : answerFields(registry)),
    },
  });
  return { outcome, logout: logout ?? null, registry: registry ?? null };
}

/** Unknown is neither: only the registry's own word counts. */
function judgeRegistry(registry: string | undefined) {
  if (registry === "close") return "invalidated";
  if (registry === "open" || registry === "connecting") return "not_invalidated";
  return "unverified";
}

interface Evidence {
  readonly alive: boolean;
  /** The probes' outcomes in the order in which they came. */
  readonly probes: readonly string[];
}

/**
 * A plain network blip heals in under a second, and logging out then would throw a good pairing
 * away. The probes overlap: on a half-open socket each of them waits out its own limit.
 */
async function confirmDead(suspicion: Suspicion, effects: RepairEffects): Promise<Evidence> {
  if (suspicion.confirmAtMs.length === 0) return { alive: false, probes: [] };
  const ownNumber = suspicion.ownNumber ??
    (await attempt("own_number", effects, () => effects.gateway.registry()))?.ownNumber;
  if (!ownNumber) return { alive: false, probes: ["number_unknown"] };

  const probes: string[] = [];
  const decided = new AbortController();
  const asks = suspicion.confirmAtMs.map(async (ms) => {
    await effects.sleep(ms, decided.signal);
    const answer = await effects.gateway.probe(ownNumber);
    probes.push(answer.outcome);
    if (answer.outcome !== "alive") throw new Error(answer.outcome);
  });
  try {
    await Promise.any(asks);
    return { alive: true, probes: [...probes] };
  } catch {
    return { alive: false, probes };
  } finally {
    decided.abort();
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
