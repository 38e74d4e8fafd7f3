package org.isocentre.model;

/**
 * Where a call came from that a row of the audit trail is about. Each part may be null.
 *
 * @param client app that called: {@code client_id} of its token
 * @param address of the caller on the network
 * @param request {@code X-Request-Id} that the caller gave
 * @param query what a search asked for, without values that may tell who somebody is
 */
public record AuditOrigin(String client, String address, String request, String query) {
  /** Of what the hub does by itself. */
  public static final AuditOrigin HUB = new AuditOrigin(null, null, null, null);

  /** A node of a network that has no more to say of itself. */
  public static AuditOrigin at(String address) {
    return new AuditOrigin(null, address, null, null);
  }

  /** The same of what is no search. */
  public AuditOrigin withoutQuery() {
    return query == null ? this : new AuditOrigin(client, address, request, null);
  }
}
