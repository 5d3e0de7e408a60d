/**
 * CORS as Supabase's gateway gives it to `/rest/v1` and `/auth/v1`; functions do their own.
 *
 * @module
 */

/** The answer to a preflight. */
export function preflight(request: Request): Response {
  const asked = request.headers.get("access-control-request-headers");
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, PUT, PATCH, POST, DELETE, OPTIONS",
      "access-control-allow-headers": asked ?? "*",
      "access-control-max-age": "3600",
    },
  });
}

/** The same answer, readable from any page. */
export function withCors(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", "Content-Range, Content-Location, Location");
  return new Response(response.body, { status: response.status, headers });
}
