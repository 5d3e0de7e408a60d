/**
 * The shapes that the page works with.
 *
 * @module
 */

import type {
  ActionResponse,
  InstanceView,
} from "../supabase/functions/_shared/contracts/actions.ts";

/** What the page speaks. */
export type Language = "pt" | "en";
/** How a state or an event looks. */
export type Tone = "ok" | "busy" | "ask" | "bad" | "quiet";

type Reconnect = Pick<NonNullable<InstanceView["reconnect"]>, "attempts" | "nextAttemptAt">;

/**
 * A number, as the functions answer it by their own contracts. Where a project has no such action, it
 * is read from its table, which knows less.
 */
export type Instance = Omit<InstanceView, "role" | "reconnect"> & {
  role: InstanceView["role"] | null;
  reconnect: Reconnect | null;
};

/** Something that happened to a number. */
export type TimelineEvent = ActionResponse<"list_events">["events"][number];
/** The code that waits for a scan, or why there is none. */
export type QrAnswer = ActionResponse<"get_qrcode">;

/** A message's row. */
export interface Message {
  id: string;
  is_from_me: boolean;
  message_type: string;
  content: string | null;
  caption: string | null;
  file_name: string | null;
  status: string;
  error_code: string | null;
  error_message: string | null;
  created_at: string;
  /** Nobody has tried to send it yet. */
  queued?: boolean;
  /** Sent ten minutes ago, and no report came. */
  unconfirmed?: boolean;
  /** It failed, and may have left all the same. */
  may_have_left?: boolean;
  /** When it was brought in, after it had been missed. */
  recovered_at?: string | null;
  /** When its sender changed it, as far as the gateway told. */
  edited_at?: string | null;
  /** The same of a deletion: nothing is left of what it held. */
  deleted_at?: string | null;
}

/** Who is talked to. */
export interface Conversation {
  id: string;
  remote_jid: string;
  contact_name: string | null;
}

/** How one of the scheduler's jobs ended last. */
export interface JobRun {
  name: string;
  result: "never" | "ok" | "failed";
  at?: string;
  ms?: number;
  said?: unknown;
}

/** What only the simulator knows of a session. */
export interface Inside {
  name: string;
  registry: string;
  memory: string | null;
  socket: string;
  ghost: string | null;
  network: string;
  paired: boolean;
  qr: boolean;
}

/** What a local stack tells of itself: `GET /dev/info`. */
export interface LocalInfo {
  url: string;
  publishableKey: string;
  login: { email: string; password: string };
  conversationId: string;
  instanceName: string;
  customer: string;
  tickSeconds: number;
  speed: number;
  /** By how much the stack's clock is ahead of this machine's. */
  aheadMs: number;
  policy: string | null;
  repairEnabled: boolean | null;
  jobs: JobRun[];
  gateway: { reachable: boolean };
  simulator: { ghosts: { kind: string; title: string }[]; instances: Inside[] } | null;
}

/** What a person has to know of a number first. */
export type NumberState = "well" | "repair" | "scan" | "person" | "off";

/** How a number is, of all that is known of it; as the view `instance_health` says. */
type Health =
  | "ok"
  | "repairing"
  | "reconnecting"
  | "awaiting_qr"
  | "needs_operator"
  | "gave_up"
  | "manual";

/** What canaries say of a number's hearing. */
type Hearing = NonNullable<NonNullable<Instance["repair"]>["hearing"]>;

/** Shares of time, 1 at the most; null: nothing is known. */
interface Uptime {
  day: number | null;
  week: number | null;
  month: number | null;
}

/** What is said of a number wherever it is named. */
export interface NumberHealth {
  status: Instance["status"];
  state: NumberState;
  health: Health;
  /** Why it is repaired, or needs somebody; a word of `contracts/reasons.ts`. */
  reason: string | null;
  hearing: Hearing | null;
  /** Since when it is away, or repaired. */
  since: string | null;
}

/** A number in the list. */
export interface FleetLine extends NumberHealth {
  id: string;
  organizationId: string;
  name: string;
  phoneNumber: string | null;
  lastAliveAt: string | null;
  /** Messages of the last 24 hours. */
  failed: number;
  unconfirmed: number;
  uptime: Uptime;
  /** Its gateway's host, for owners and admins. */
  gateway: string | null;
}

/** How many numbers of each state there are. */
type Sum = Record<NumberState, number>;

/** A page of all numbers: what the function `fleet` answers. */
export interface Fleet {
  /** The database's own time. */
  now: string;
  numbers: FleetLine[];
  found: number;
  /** `deaf`: of any state, whose hearing is in doubt. */
  sum: Sum & { all: number; deaf: number };
  organizations: { id: string; name: string; role: "owner" | "admin" | "agent" }[];
  gateways: string[];
}

/** A time in which a number was away. */
interface TimeAway {
  from: string;
  /** Null while it lasts. */
  until: string | null;
  /** False: a person disconnected it, or it was never paired. */
  wanted: boolean;
  /** It was known no later than so long after the last proof of life. */
  foundSeconds: number | null;
}

/** One number: what the function `number_page` answers. */
export interface NumberPage extends NumberHealth {
  now: string;
  number: Instance;
  createdAt: string;
  lastWebhookAt: string | null;
  uptime: Uptime;
  /** Each of the last 30 days, the oldest first. */
  days: (number | null)[];
  away: TimeAway[];
  /** Of 30 days. */
  median: { awaySeconds: number | null; foundSeconds: number | null; times: number };
  failed: number;
  unconfirmed: number;
  held: number;
  /** Of 24 hours; `missing` null: nobody knows how many. */
  recovered: number;
  missing: number | null;
  gateway: { host: string; version: string | null; logoutSafe: boolean } | null;
}

/** A gateway: what the function `fleet_gateways` answers. */
export interface GatewayLine {
  host: string;
  version: string | null;
  versionReadAt: string | null;
  /** False: on this version a logout does harm. */
  logoutSafe: boolean;
  lastWebhookAt: string | null;
  /** Whether a restart agent is known beside it. */
  agent: boolean;
  numbers: number;
  sum: Sum;
}

/** Where people are told. */
export type AlertChannel = ActionResponse<"list_alert_channels">["channels"][number];

/** What is asked of all numbers; it lives in the page's address. */
export interface FleetQuery {
  search: string;
  state: NumberState | "deaf" | null;
  organization: string | null;
  gateway: string | null;
  sort: "need" | "name" | "silent" | "uptime";
  /** From 0. */
  page: number;
}
