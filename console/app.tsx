/**
 * The console: signs in, shows what the address asks for, and keeps it up to date.
 *
 * @module
 */

import { render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { AlertsPage } from "./alerts/page.tsx";
import { ApiFault, createApi } from "./data/api.ts";
import { listen } from "./data/broadcast.ts";
import { createData, type Data } from "./data/data.ts";
import { createFaultLine } from "./data/fault-line.ts";
import { readLocalInfo, readProject } from "./data/local.ts";
import { type Pulse, startPulse } from "./data/pulse.ts";
import { addressOf, EVERYTHING, readRoute, type Route } from "./data/route.ts";
import { GatewaysPage } from "./fleet/gateways-page.tsx";
import { FleetPage } from "./fleet/page.tsx";
import { NumberPage } from "./number/page.tsx";
import { QrPage } from "./number/qr-page.tsx";
import { HealthStrip } from "./parts/health-strip.tsx";
import { type Entry, Login, type Project } from "./parts/login.tsx";
import { type SignedIn, SignedInContext, type Voice } from "./parts/signed-in.ts";
import type { LocalInfo } from "./types.ts";
import { chooseLanguage, speaker } from "./words/strings.ts";

const language = chooseLanguage(navigator.languages);
const voice: Voice = { say: speaker(language), language };
const { say } = voice;

type Api = ReturnType<typeof createApi>;

/** Signed in to something. */
interface Connection {
  api: Api;
  data: Data;
}

/** So long the page waits for its first answer before it looks for changes all the same. */
const FIRST_ANSWER_MS = 2_000;

const later = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

function faultWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === "no_answer" ? say("faultNoAnswer") : say("fault", { why: message });
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return useMemo(() => readRoute(hash), [hash]);
}

function App() {
  const route = useRoute();
  const [info, setInfo] = useState<LocalInfo | null>(null);
  const [project, setProject] = useState<Project | null>(null);
  const [connection, setConnection] = useState<Connection | null>(null);
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [well, setWell] = useState(true);
  const line = useMemo(() => createFaultLine(setFault), []);

  const enter = async (entry: Entry) => {
    try {
      const api = createApi({ url: entry.url, key: entry.key, language });
      await api.login(entry.email, entry.password);
      setConnection({ api, data: createData(api) });
      setAsking(false);
      setNotice(null);
      line.task(null);
    } catch (error) {
      line.task(faultWords(error));
      setAsking(true);
    }
  };
  /** A local stack tells how to get in, also a new one at the same address; elsewhere a person does. */
  const signIn = async () => {
    const local = await readLocalInfo();
    setInfo(local);
    if (local === null) {
      setProject(await readProject());
      return setAsking(true);
    }
    await enter({ url: local.url, key: local.publishableKey, ...local.login });
  };
  // Before anything is painted: nothing that is seen can come before its answer.
  useLayoutEffect(() => void signIn(), []);
  // What was said of one page is no news on another.
  const first = useRef(true);
  useEffect(() => {
    if (first.current || location.hash === "#/") first.current = false;
    else setNotice(null);
  }, [location.hash]);

  const looked = (error: unknown) => {
    setWell(error === null);
    line.look(error === null ? null : faultWords(error));
    if (error instanceof ApiFault && error.status === 401) {
      setConnection(null);
      void signIn();
    }
  };
  const bare = route.page === "qr";
  return (
    <>
      {!bare && <a class="skip" href="#main" onClick={skip}>{say("skip")}</a>}
      {!bare && (
        <Header
          route={route}
          where={connection === null ? null : new URL(connection.api.url).host}
          well={well}
          onAnother={() => setAsking(connection === null || !asking)}
        />
      )}
      <main id="main" tabIndex={-1}>
        {fault !== null && <p id="fault" class="fault" role="alert">{fault}</p>}
        {notice !== null && <p id="notice" class="panel" role="status">{notice}</p>}
        {asking && <Login say={say} project={project} onEnter={(entry) => void enter(entry)} />}
        {connection !== null && (
          <SignedIn
            key={connection.api.url}
            connection={connection}
            route={route}
            info={info}
            onInfo={setInfo}
            looked={looked}
            task={line.task}
            notice={setNotice}
            announce={setSaid}
          />
        )}
      </main>
      <p id="announcer" class="unseen" role="status" aria-live="polite">{said}</p>
    </>
  );
}

/** The address after the `#` says what is shown; it cannot say where to jump, too. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Header({ route, where, well, onAnother }: {
  route: Route;
  where: string | null;
  well: boolean;
  onAnother: () => void;
}) {
  const pages = [
    [say("numbers"), addressOf({ page: "fleet", query: EVERYTHING }), ["fleet", "number"]],
    [say("gateways"), addressOf({ page: "gateways" }), ["gateways"]],
    [say("alertsPage"), addressOf({ page: "alerts" }), ["alerts"]],
  ] as const;
  return (
    <header class="top">
      <div class="brand">
        <h1>{say("title")}</h1>
        {where !== null && (
          <nav class="pages" aria-label={say("pages")}>
            {pages.map(([word, address, of]) => (
              <a
                key={address}
                href={address}
                aria-current={of.some((page) => page === route.page) ? "page" : undefined}
              >
                {word}
              </a>
            ))}
          </nav>
        )}
        <p class="live" data-tone={well ? "ok" : "bad"}>
          {where !== null && (
            <>
              <span class="pulse" aria-hidden="true" />
              <span id="where">{where} · {say(well ? "liveTold" : "notLive")}</span>
            </>
          )}
        </p>
        <button id="another" class="plain" type="button" onClick={onAnother}>
          {say("another")}
        </button>
      </div>
    </header>
  );
}

/** What is shown to somebody who is signed in; looks again and again. */
function SignedIn(
  { connection, route, info, onInfo, looked, task, notice, announce }: {
    connection: Connection;
    route: Route;
    info: LocalInfo | null;
    onInfo: (info: LocalInfo) => void;
    looked: (error: unknown) => void;
    task: (fault: string | null) => void;
    notice: SignedIn["notice"];
    announce: SignedIn["announce"];
  },
) {
  const { data } = connection;
  const listeners = useRef(new Set<(rest: boolean) => void>());
  const pulse = useRef<Pulse | null>(null);
  const ahead = useRef(0);
  const told = useRef(false);
  const local = info !== null;
  const [shown, setShown] = useState(false);
  // What goes on beside the page must not hold up what it shows first.
  useEffect(() => later(FIRST_ANSWER_MS, () => setShown(true)), []);

  useEffect(() => {
    if (!shown) return;
    const look = async (rest: boolean) => {
      looked(null);
      for (const listener of listeners.current) listener(rest);
      if (!local) return;
      const now = await readLocalInfo();
      if (now !== null) onInfo(now);
    };
    const started = startPulse({
      ask: () => data.pulse(),
      looking: () => ({ local, told: told.current }),
      onLook: (rest) => void look(rest),
      onFault: looked,
      now: () => performance.now(),
      later,
    });
    pulse.current = started;
    const onSeen = () => started.see(!document.hidden);
    document.addEventListener("visibilitychange", onSeen);
    return () => {
      started.stop();
      document.removeEventListener("visibilitychange", onSeen);
    };
  }, [data, shown]);
  useEffect(() => {
    if (!shown) return;
    return hearChanges(connection, told, () => pulse.current?.hurry());
  }, [data, shown]);

  const hurry = () => pulse.current?.hurry();
  const signedIn: SignedIn = {
    ...voice,
    data,
    info,
    now: () => Date.now() + ahead.current,
    setNow: (instant) => void (ahead.current = Date.parse(instant) - Date.now()),
    perform: async (run) => {
      try {
        await run();
        task(null);
      } catch (error) {
        task(faultWords(error));
      }
      hurry();
    },
    faultWords,
    looked: (error) => {
      looked(error);
      setShown(true);
    },
    notice,
    announce,
    hurry,
    onLook: (listener) => {
      listeners.current.add(listener);
      return () => void listeners.current.delete(listener);
    },
  };
  return (
    <SignedInContext.Provider value={signedIn}>
      {info !== null && route.page !== "qr" && <HealthStrip info={info} />}
      <Shown route={route} />
    </SignedInContext.Provider>
  );
}

function Shown({ route }: { route: Route }) {
  switch (route.page) {
    case "fleet":
      return (
        <FleetPage
          query={route.query}
          onOnly={(id) => location.replace(addressOf({ page: "number", id }))}
        />
      );
    case "number":
      return <NumberPage key={route.id} id={route.id} />;
    case "qr":
      return <QrPage key={route.id} id={route.id} />;
    case "gateways":
      return <GatewaysPage />;
    case "alerts":
      return <AlertsPage />;
  }
}

/** Where the project has Realtime, changes are told of. Returns what ends it. */
function hearChanges(
  { api, data }: Connection,
  told: { current: boolean },
  onChange: () => void,
): () => void {
  let stop = () => {};
  let stopped = false;
  data.channelsOfChanges().then((organizations) => {
    if (stopped) return;
    stop = listen(api.url, organizations, {
      connect: (address) => new WebSocket(address),
      pass: api.pass,
      onChange,
      onTold: (now) => void (told.current = now),
      later,
    });
  }).catch(() => {
    // No answer: the page looks by itself.
  });
  return () => {
    stopped = true;
    stop();
  };
}

document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
document.title = say("title");
render(<App />, document.getElementById("app") ?? document.body);
