package org.isocentre.camel.hl7;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;

/**
 * One message as it came, and by what connection. Its exchange ends with a {@code byte[]} as body:
 * the answer, or none if it is empty; then the connection's next message is worked on.
 *
 * @param bytes without framing
 * @param certificate that the sender has shown, or null
 * @param connection its name among {@link MllpConnections}
 */
public record MllpMessage(
    byte[] bytes, SocketAddress remote, X509Certificate certificate, String connection) {}
