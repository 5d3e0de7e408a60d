/**
 * The part of Supabase Auth's HTTP API that a page needs to log in, for users known from the start.
 *
 * @module
 */

import { z } from "zod";
import type { LocalKeys } from "./local-keys.ts";

/** Somebody who can log in. */
export interface LocalUser {
  /** The id of the row in auth.users; whoever seeds the database makes that row. */
  readonly id: string;
  readonly email: string;
  /** As it is: nobody but a developer's own machine ever sees it. */
  readonly password: string;
}

/** Answers requests below `/auth/v1`; the path still has that prefix. */
export type AuthApi = (request: Request) => Promise<Response>;

const EXPIRES_IN_S = 3600;

const passwordGrant = z.object({ email: z.string(), password: z.string() });
const refreshGrant = z.object({ refresh_token: z.string() });
const userClaims = z.object({
  sub: z.string(),
  role: z.literal("authenticated"),
  email: z.string().default(""),
  session_id: z.string(),
});

/**
 * Serves `token` (password and refresh grants), `user`, `logout`, `health` and the key set.
 *
 * @param auth The project's keys.
 * @param userOf Who has this address, if anybody.
 */
export function createAuthApi(
  auth: LocalKeys,
  userOf: (email: string) => LocalUser | undefined,
): AuthApi {
  const sessions = new Map<string, { user: LocalUser; sessionId: string }>();

  const open = async (user: LocalUser, sessionId: string) => {
    const refreshToken = crypto.randomUUID();
    sessions.set(refreshToken, { user, sessionId });
    const token = { userId: user.id, email: user.email, expiresIn: EXPIRES_IN_S, sessionId };
    return Response.json({
      access_token: await auth.userToken(token),
      token_type: "bearer",
      expires_in: EXPIRES_IN_S,
      expires_at: Math.floor(Date.now() / 1000) + EXPIRES_IN_S,
      refresh_token: refreshToken,
      user: describe(user.id, user.email),
    });
  };

  const token = async (request: Request, grant: string | null) => {
    const body: unknown = await request.json().catch(() => undefined);
    if (grant === "password") {
      const asked = passwordGrant.safeParse(body);
      if (!asked.success) return failure(400, "bad_json", "Could not parse request body as JSON");
      const { email, password } = asked.data;
      const user = userOf(email);
      return user?.password === password
        ? open(user, crypto.randomUUID())
        : failure(400, "invalid_credentials", "Invalid login credentials");
    }
    if (grant === "refresh_token") {
      const asked = refreshGrant.safeParse(body);
      const session = asked.success ? sessions.get(asked.data.refresh_token) : undefined;
      if (!asked.success || !session) {
        return failure(400, "refresh_token_not_found", "Invalid Refresh Token");
      }
      sessions.delete(asked.data.refresh_token);
      return open(session.user, session.sessionId);
    }
    return failure(400, "validation_failed", "unsupported_grant_type");
  };

  const bearer = async (request: Request) => {
    const [, token] = /^bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return failure(401, "no_authorization", "This endpoint requires a Bearer token");
    const claims = userClaims.safeParse(await auth.verify(token));
    return claims.success
      ? claims.data
      : failure(403, "bad_jwt", "invalid JWT: unable to parse or verify signature");
  };

  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case "GET /auth/v1/.well-known/jwks.json":
        return Response.json(auth.publicJwks);
      case "GET /auth/v1/health":
        return Response.json({ version: "local", name: "GoTrue", description: "local stand-in" });
      case "POST /auth/v1/token":
        return await token(request, searchParams.get("grant_type"));
      case "GET /auth/v1/user": {
        const claims = await bearer(request);
        if (claims instanceof Response) return claims;
        return Response.json(describe(claims.sub, claims.email));
      }
      case "POST /auth/v1/logout": {
        const claims = await bearer(request);
        if (claims instanceof Response) return claims;
        for (const [refreshToken, session] of sessions) {
          if (session.sessionId === claims.session_id) sessions.delete(refreshToken);
        }
        return new Response(null, { status: 204 });
      }
      default:
        return failure(404, "not_found", `no ${request.method} ${pathname} in the local stack`);
    }
  };
}

function describe(id: string, email: string): Record<string, unknown> {
  return {
    id,
    aud: "authenticated",
    role: "authenticated",
    email,
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: {},
    identities: [],
    is_anonymous: false,
  };
}

/** The shape that supabase-js makes an AuthApiError of. */
function failure(code: number, errorCode: string, message: string): Response {
  return Response.json({ code, error_code: errorCode, msg: message }, { status: code });
}
