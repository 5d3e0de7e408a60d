import assert from "node:assert/strict";
import {
  type InlinePiece,
  splitInlineMedia,
} from "../../../supabase/functions/_shared/messages/inline-media.ts";

const image = (caption: string | null): InlinePiece => ({
  kind: "media",
  type: "image",
  url: "https://cdn.example/cat.jpg",
  caption,
});
const text = (value: string): InlinePiece => ({ kind: "text", text: value });

const ROWS: readonly (readonly [name: string, message: string, pieces: InlinePiece[]])[] = [
  ["plain text", "hello", [text("hello")]],
  ["nothing", "  \n ", []],
  ["a picture alone", "[IMAGE]https://cdn.example/cat.jpg", [image(null)]],
  ["a caption", "[IMAGE]https://cdn.example/cat.jpg\nmy cat", [image("my cat")]],
  ["an empty next line", "[IMAGE]https://cdn.example/cat.jpg\n\nbye", [image(null), text("bye")]],
  [
    "text before and after",
    "look\n[IMAGE]https://cdn.example/cat.jpg\nmy cat\nnice?\nyes",
    [text("look"), image("my cat"), text("nice?\nyes")],
  ],
  [
    "text on the same line",
    "look [IMAGE]https://cdn.example/cat.jpg and laugh",
    [text("look"), image(null), text("and laugh")],
  ],
  [
    "two of them",
    "[IMAGE]https://cdn.example/cat.jpg\none\n[DOCUMENT]https://cdn.example/a.pdf",
    [image("one"), {
      kind: "media",
      type: "document",
      url: "https://cdn.example/a.pdf",
      caption: null,
    }],
  ],
  ["windows line ends", "[IMAGE]https://cdn.example/cat.jpg\r\nmy cat\r\nbye", [
    image("my cat"),
    text("bye"),
  ]],
  ["http is not media", "[IMAGE]http://cdn.example/cat.jpg", [
    text("[IMAGE]http://cdn.example/cat.jpg"),
  ]],
  ["an unknown marker is text", "[STICKER]https://x.example/a", [
    text("[STICKER]https://x.example/a"),
  ]],
];

for (const [name, message, pieces] of ROWS) {
  Deno.test(`inline media: ${name}`, () => {
    assert.deepEqual(splitInlineMedia(message), pieces);
  });
}
