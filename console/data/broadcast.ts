/**
 * Hears of changes by Realtime's broadcast, on one private channel for each organization. The few
 * messages of its protocol that this needs are spoken here, which is a tenth of the library's size:
 * https://supabase.com/docs/guides/realtime/protocol
 *
 * @module
 */

/** Realtime ends a connection that says nothing for a minute. */
const HEARTBEAT_MS = 25_000;
/** Until a connection that broke is tried again: the first time, and at most. */
const AGAIN_MS = { first: 1_000, most: 60_000 };

/** A connection, as far as it is used. */
export type Socket = Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose">;

interface Effects {
  connect: (address: string) => Socket;
  /** The publishable key, and the token of now: it is renewed from time to time. */
  pass: () => { key: string; token: string };
  onChange: () => void;
  /** Whether every channel is heard. */
  onTold: (told: boolean) => void;
  /** Calls later; what it returns calls it off. */
  later: (ms: number, run: () => void) => () => void;
}

/** What Realtime says. */
interface Said {
  topic?: unknown;
  event?: unknown;
  payload?: { status?: unknown } | null;
}

/**
 * Listens until it is stopped.
 *
 * @param url The project's address.
 * @param organizations Whose changes are wanted.
 * @returns Stops it.
 */
export function listen(
  url: string,
  organizations: readonly string[],
  { connect, pass, onChange, onTold, later }: Effects,
): () => void {
  const topics = organizations.map((id) => `realtime:fleet:${id}`);
  let stopped = false;
  let failures = 0;
  let socket: Socket | null = null;
  let callOff = () => {};

  const open = () => {
    const { key } = pass();
    const address = `${url.replace(/^http/, "ws")}/realtime/v1/websocket?` +
      new URLSearchParams({ apikey: key, vsn: "1.0.0" });
    const mine = socket = connect(address);
    const joined = new Set<string>();
    let ref = 0;
    const say = (topic: string, event: string, payload: unknown) =>
      mine.send(JSON.stringify({ topic, event, payload, ref: String(++ref) }));
    const beat = () => {
      say("phoenix", "heartbeat", {});
      // A token that was renewed: the channels end with the old one.
      for (const topic of topics) say(topic, "access_token", { access_token: pass().token });
      callOff = later(HEARTBEAT_MS, beat);
    };
    mine.onopen = () => {
      for (const topic of topics) {
        const config = { private: true, broadcast: { ack: false, self: false } };
        say(topic, "phx_join", { config, access_token: pass().token });
      }
      callOff = later(HEARTBEAT_MS, beat);
    };
    mine.onmessage = ({ data }) => {
      const { topic, event, payload } = read(data);
      if (typeof topic !== "string" || !topics.includes(topic)) return;
      if (event === "broadcast") return onChange();
      if (event === "phx_reply" && payload?.status === "ok") {
        if (joined.has(topic)) return;
        joined.add(topic);
        if (joined.size < topics.length) return;
        failures = 0;
        onTold(true);
        // What happened before the channel was heard.
        onChange();
      }
      // Refused, or ended: polling goes on, and it is tried again later.
      if (event === "phx_error" || event === "phx_close" || payload?.status === "error") {
        mine.close();
      }
    };
    mine.onclose = () => {
      callOff();
      if (stopped || mine !== socket) return;
      onTold(false);
      callOff = later(Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** failures++), open);
    };
  };
  if (topics.length > 0) open();
  return () => {
    stopped = true;
    callOff();
    socket?.close();
  };
}

function read(data: unknown): Said {
  try {
    return JSON.parse(String(data)) ?? {};
  } catch {
    return {};
  }
}
