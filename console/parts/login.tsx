/**
 * Signing in to a project. What is typed goes to that project alone; it is not stored and never part
 * of the page's address.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { Voice } from "./signed-in.ts";

/** What is typed. */
export interface Entry {
  url: string;
  key: string;
  email: string;
  password: string;
}

/** Where the page belongs to one project, its address and key are not asked for. */
export interface Project {
  url: string;
  key: string;
}

/** The form. */
export function Login(
  { say, project, onEnter }: {
    say: Voice["say"];
    project: Project | null;
    onEnter: (entry: Entry) => void;
  },
) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const told = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(told.get(name) ?? "").trim();
    onEnter({
      url: project?.url ?? field("url").replace(/\/+$/, ""),
      key: project?.key ?? field("key"),
      email: field("email"),
      password: String(told.get("password") ?? ""),
    });
  };
  return (
    <section id="login" class="panel login" aria-labelledby="login-title">
      <h2 id="login-title">{say("loginTitle")}</h2>
      <p class="hint">{project === null ? say("loginText") : new URL(project.url).host}</p>
      <form id="login-form" onSubmit={submit}>
        {project === null && (
          <>
            <label>
              <span>{say("projectUrl")}</span>
              <input
                ref={first}
                name="url"
                type="url"
                required
                placeholder="https://….supabase.co"
              />
            </label>
            <label>
              <span>{say("publishableKey")}</span>
              <input name="key" required autocomplete="off" spellcheck={false} />
            </label>
          </>
        )}
        <label>
          <span>{say("email")}</span>
          <input
            ref={project === null ? null : first}
            name="email"
            type="email"
            required
            autocomplete="username"
          />
        </label>
        <label>
          <span>{say("password")}</span>
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <button class="main" type="submit">{say("enter")}</button>
      </form>
    </section>
  );
}
