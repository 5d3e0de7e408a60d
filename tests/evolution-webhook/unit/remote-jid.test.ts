import assert from "node:assert/strict";
import { chatJid } from "../../../supabase/functions/evolution-webhook/message-events.ts";

for (
  const [remoteJid, remoteJidAlt, expected] of [
    ["5511977776666@s.whatsapp.net", null, "5511977776666@s.whatsapp.net"],
    ["5511977776666:12@s.whatsapp.net", null, "5511977776666@s.whatsapp.net"],
    ["5511977776666@c.us", null, "5511977776666@s.whatsapp.net"],
    ["120363025555555555@g.us", null, "120363025555555555@g.us"],
    ["5511977776666-1600000000@g.us", null, "5511977776666-1600000000@g.us"],
    ["99988877766655@lid", "5511977776666@s.whatsapp.net", "5511977776666@s.whatsapp.net"],
    ["99988877766655@lid", null, "99988877766655@lid"],
    ["99988877766655@lid", "not an address", "99988877766655@lid"],
    ["5511977776666@s.whatsapp.net", "99988877766655@lid", "5511977776666@s.whatsapp.net"],
    ["status@broadcast", null, null],
    ["1234567890@broadcast", null, null],
    ["120363144038483540@newsletter", null, null],
    ["5511977776666", null, null],
    ["", null, null],
    ["@s.whatsapp.net", null, null],
    ["a b@s.whatsapp.net", null, null],
    ["5511977776666@s.whatsapp.net@lid", null, null],
  ] as const
) {
  const alternative = remoteJidAlt === null ? "" : ` with ${remoteJidAlt}`;
  Deno.test(`"${remoteJid}"${alternative} is the chat ${expected ?? "of nobody"}`, () => {
    assert.equal(chatJid({ remoteJid, remoteJidAlt }), expected);
  });
}
