/**
 * The architecture as data: who may import whom, what the outside takes, which limits there are.
 * Whoever adds a folder adds a row here.
 *
 * @module
 */

const SHARED = "supabase/functions/_shared";
const [RUNTIME, HTTP, GATEWAY] = [`${SHARED}/runtime`, `${SHARED}/http`, `${SHARED}/gateway`];
const CONTRACTS = `${SHARED}/contracts`;
const PRODUCT = ["supabase/functions", "client", "console", "restart-agent", "adopt"];
const [PROCESS, EVOLUTION, PLATFORM, WORLD] = [
  "dev/process",
  "dev/evolution",
  "dev/platform",
  "dev/world",
] as const;
const BELOW_TASKS = [...PRODUCT, PROCESS, EVOLUTION, PLATFORM, WORLD];

/**
 * Folders, from the ground up, and what each may import besides itself. The first row that fits a
 * file is its layer. `*` is any one name without a leading `_`: each such folder stays
 * away from the others.
 */
export const LAYERS: readonly { readonly folder: string; readonly mayImport: readonly string[] }[] =
  [
    { folder: RUNTIME, mayImport: [] },
    { folder: CONTRACTS, mayImport: [] },
    { folder: HTTP, mayImport: [RUNTIME] },
    { folder: GATEWAY, mayImport: [RUNTIME] },
    { folder: `${SHARED}/messages`, mayImport: [RUNTIME, CONTRACTS, HTTP, GATEWAY] },
    { folder: "supabase/functions/*", mayImport: [SHARED] },
    { folder: "client", mayImport: [CONTRACTS] },
    // The page says what the functions say, in the same words.
    { folder: "console", mayImport: [CONTRACTS, "client", `${SHARED}/messages/sentences.ts`] },
    { folder: "restart-agent", mayImport: [] },
    // What an adopted project gets is made of the product's own parts.
    {
      folder: "adopt",
      mayImport: [
        SHARED,
        "supabase/functions/evolution-api",
        "supabase/functions/advance-ghost-repairs",
      ],
    },
    { folder: PROCESS, mayImport: PRODUCT },
    { folder: EVOLUTION, mayImport: [...PRODUCT, PROCESS] },
    { folder: PLATFORM, mayImport: [...PRODUCT, PROCESS, EVOLUTION] },
    { folder: WORLD, mayImport: [...PRODUCT, PROCESS, EVOLUTION, PLATFORM] },
    // What several tasks share: how a task begins and ends, the kinds of ghosts that are played.
    { folder: "dev/tasks/shared", mayImport: BELOW_TASKS },
    // All tests begin with the gate.
    {
      folder: "dev/tasks/test",
      mayImport: [...BELOW_TASKS, "dev/tasks/shared", "dev/tasks/check"],
    },
    // It ends with the gate, and writes what the gate holds migrations to.
    { folder: "dev/tasks/release", mayImport: [...BELOW_TASKS, "dev/tasks/check"] },
    // It compares an adopted project with what would be written into it today.
    {
      folder: "dev/tasks/doctor",
      mayImport: [...BELOW_TASKS, "dev/tasks/shared", "dev/tasks/adopt"],
    },
    { folder: "dev/tasks/*", mayImport: [...BELOW_TASKS, "dev/tasks/shared"] },
    { folder: "tests", mayImport: [...PRODUCT, "dev"] },
  ];

/** Files that no file of ours has to import; what is `open` exports for others, too. */
export const ENTRY_POINTS: readonly { path: RegExp; for: string; open?: boolean }[] = [
  { path: /^supabase\/functions\/[^/_]+\/index\.ts$/, for: "the platform", open: true },
  { path: /\/database\.types\.ts$/, for: "the CLI, which writes it", open: true },
  { path: /\/connection-closed\.ts$/, for: "who takes it alone", open: true },
  { path: /^client\//, for: "a frontend", open: true },
  { path: /^console\/app\.tsx$/, for: "console/index.html" },
  {
    path: /^adopt\/(?:fetch|repair|ladder|webhook)\.ts$/,
    for: "task adopt, which writes it into a project",
    open: true,
  },
  { path: /^restart-agent\/main\.ts$/, for: "whoever starts the agent" },
  {
    path: /^dev\/tasks\/mutate\/mutations\//,
    for: "mutations.ts, which reads the folder",
    open: true,
  },
  { path: /\.test\.ts$/, for: "deno test" },
  {
    path: /^tests\/(?:browser\/(?:console|fleet)|deploy\/[a-z]+)\.ts$/,
    for: "deno task test:browser and test:deploy",
  },
];

/** What others build on: its documentation is complete, so every type of a signature is exported. */
export const DOCUMENTED: readonly string[] = [
  GATEWAY,
  `${RUNTIME}/clock.ts`,
  `${HTTP}/language.ts`,
  `${RUNTIME}/large-text.ts`,
  `${RUNTIME}/limited-body.ts`,
  "supabase/functions/evolution-api/connection-closed.ts",
];

/** Each limit, the file that says it once, and what a second place would look like. */
export const LIMITS: readonly { name: string; home: RegExp; betrayedBy: RegExp }[] = [
  {
    name: "attempts of one disconnection",
    home: /_reconnect\.sql$/,
    betrayedBy:
      /\breconnect_attempts int not null default|\breconnect_attempts_count\s*(?:<|>=?)\s*[1-9]|\bv_attempt\s*>?=\s*3|\bmaxAttempts\b\W+3\b|\b3 (?:reconnection attempts|tentativas)/,
  },
  {
    name: "the window between two logouts",
    home: /_ghost_repair\.sql$/,
    betrayedBy: /\brepair_window\s+interval|\b2 (?:minutes ago|minutos)\b|\b120_?000\b/,
  },
  {
    name: "when a dead socket is probed again",
    home: /_ghost_repair\.sql$/,
    betrayedBy: /\b1_?000,\s*4_?000,\s*9_?000\b/,
  },
  {
    name: "a QR code's life",
    home: /_reconnect\.sql$/,
    betrayedBy: /\b45 (?:seconds|segundos)\b/,
  },
  {
    name: "how long a send may take",
    home: /\/gateway\/client\.ts$/,
    betrayedBy: /\b70_?000\b|\b70 seconds\b/,
  },
  {
    name: "whether a number has an open repair",
    home: /_ghost_ladder\.sql$/,
    betrayedBy:
      /exists \(\s*select from (?:public\.)?ghost_repairs (\w+)\s+where \1\.instance_id = [\w.]+\s+and \1\.closed_at is null(?: and \1\.hearing is null)?\s*\)/,
  },
  {
    name: "whether a number is auto-reconnect's",
    home: /_reconnect\.sql$/,
    betrayedBy: /\bi\.status in \('disconnected', 'connecting'\)/,
  },
];

/** The most files in a folder, and the folders that are lists by nature. */
export const FULL_FOLDER = { files: 20, except: /^tests\/fixtures\/|^supabase\/migrations\// };

/** Recorded answers and other people's projects: no code of ours. */
export const NOT_OURS = /^tests\/fixtures\//;
