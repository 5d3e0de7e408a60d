import assert from "node:assert/strict";
import { ADVICE } from "../../supabase/functions/_shared/contracts/reasons.ts";
import { bodyOf, judgeStatus, textOf } from "../../supabase/functions/send-alerts/decide.ts";
import type { AlertMessage } from "../../supabase/functions/send-alerts/work-list.ts";

const ID = "7d5c8b1e-0000-4000-8000-00000000000";
const PAGE = "https://painel.example/numeros/{id}";
const QR_PAGE = "https://painel.example/#/numbers/{id}/qr";

type Item = AlertMessage["items"][number];
const item = (change: Partial<Item> = {}): Item => ({
  instanceId: `${ID}1`,
  name: "Atendimento",
  kind: "down",
  reason: "steps_used_up",
  since: "2026-11-22T21:27:30+00:00",
  awaySeconds: 7_500,
  ...change,
});
const message = (items: readonly Item[], change: Partial<AlertMessage> = {}): AlertMessage => ({
  message_id: `${ID}9`,
  kind: "slack",
  target: null,
  url: "https://hooks.slack.com/services/x",
  secrets: [],
  language: "en",
  numbers: items.length,
  items: [...items],
  number_page: PAGE,
  qr_page: QR_PAGE,
  sender: null,
  ...change,
});

const SINGLE: readonly (readonly [title: string, item: Item, en: string, pt: string])[] = [
  [
    "down, with what to do and the number's page",
    item(),
    "🔴 Atendimento has been without WhatsApp since 2026-11-22 21:27 UTC.\n" +
    `${ADVICE.steps_used_up.en}\nhttps://painel.example/numeros/${ID}1`,
    "🔴 Atendimento está sem WhatsApp desde 2026-11-22 21:27 UTC.\n" +
    `${ADVICE.steps_used_up.pt}\nhttps://painel.example/numeros/${ID}1`,
  ],
  [
    "a QR code that waits, with the page to scan it from",
    item({ kind: "qr", reason: null }),
    "📱 Atendimento has been waiting for its QR code to be scanned since 2026-11-22 21:27 UTC.\n" +
    `Open it on a phone and scan the code.\nhttps://painel.example/#/numbers/${ID}1/qr`,
    "📱 Atendimento espera a leitura de um QR code desde 2026-11-22 21:27 UTC.\n" +
    `Abra no celular e leia o código.\nhttps://painel.example/#/numbers/${ID}1/qr`,
  ],
  [
    "back, with the time away",
    item({ kind: "recovered", reason: null }),
    "🟢 Atendimento is back, after 2 h 5 min.",
    "🟢 Atendimento voltou, depois de 2 h 5 min.",
  ],
];

for (const [title, one, en, pt] of SINGLE) {
  Deno.test(`one number: ${title}`, () => {
    assert.equal(textOf(message([one])), en);
    assert.equal(textOf(message([one], { language: "pt" })), pt);
  });
}

Deno.test("without a page there is no link; a reason of another version has its advice", () => {
  const text = textOf(message([item({ reason: "of tomorrow" })], { number_page: null }));
  assert.ok(text.endsWith(ADVICE.steps_used_up.en), text);
});

Deno.test("a digest counts, names twenty, and says what to do once for each reason", () => {
  const many = Array.from({ length: 500 }, (_, index) => item({ name: `N${index}` }));
  const back = item({ name: "Vendas", kind: "recovered", reason: null });
  const text = textOf(message([...many, back]));
  assert.equal(text.split(ADVICE.steps_used_up.en).length, 2);
  assert.ok(text.startsWith("🔴 500 numbers without WhatsApp:\nN0, N1, "), text);
  assert.ok(text.includes("N19, and 480 more\n"), text);
  assert.ok(text.endsWith("🟢 1 number is back:\nVendas"), text);
  assert.ok(text.length < 2_000);
});

Deno.test("no phone number and no markup of a chat leaves in a name", () => {
  const name = "<!channel> *5511987654321*\n@everyone [x](http://evil)";
  const text = textOf(message([item({ name })]));
  assert.ok(!text.includes("5511987654321"), text);
  assert.ok(!/[<>@*[\]]/.test(text), text);
  assert.equal(text.split("\n").length, 3);
  assert.ok(textOf(message([item({ name: "@" })])).startsWith("🔴 ? has"));
});

Deno.test("times away are told by their two largest units", () => {
  const away = (awaySeconds: number) =>
    textOf(message([item({ kind: "recovered", awaySeconds })])).split("after ")[1];
  assert.deepEqual(
    [0, 59, 60, 3_599, 90_061].map(away),
    ["0 s.", "59 s.", "1 min.", "59 min 59 s.", "1 d 1 h."],
  );
});

Deno.test("a webhook's body has the text, and each number with its page", () => {
  const body = bodyOf(message([item({ name: "Loja 5511987654321" })]));
  assert.equal(body["type"], "ghost_repair.alert");
  const { numbers } = body["data"] as { numbers: readonly Record<string, unknown>[] };
  assert.deepEqual(numbers, [{
    instanceId: `${ID}1`,
    name: "Loja …21",
    kind: "down",
    reason: "steps_used_up",
    since: "2026-11-22T21:27:30+00:00",
    awaySeconds: 7_500,
    url: `https://painel.example/numeros/${ID}1`,
  }]);
  assert.equal(bodyOf(message([]))["type"], "ghost_repair.alert_test");
});

Deno.test("only what surely was not taken may be sent again", () => {
  for (const status of [200, 204]) assert.equal(judgeStatus(status), "sent");
  for (const status of [302, 400, 403, 404, 429, 500, 502]) {
    assert.equal(judgeStatus(status), "refused", `${status}`);
  }
  for (const status of [408, 504]) assert.equal(judgeStatus(status), "unknown", `${status}`);
});
