package org.isocentre.dicom.association;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.isocentre.dicom.association.AssociationException.Kind;

/** Why TLS did not come about or broke, in words that tell what to do. */
record TlsFailure(Kind kind, String text) {
  /**
   * @return null if the error has nothing to do with TLS
   */
  static TlsFailure of(Throwable error) {
    Throwable cause =
        error instanceof DecoderException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof NotSslRecordException) {
      return tls("the peer does not speak TLS on this connection; use TLS at both ends or neither");
    } else if (cause instanceof SslHandshakeTimeoutException) {
      return new TlsFailure(
          Kind.TIMEOUT, "the TLS handshake was not done in time; does the peer use TLS?");
    } else if (cause instanceof SSLException) {
      return tls(
          "TLS failed: %s; look at the certificates, the trusted authorities, the protocols and the cipher suites of both ends"
              .formatted(reasons(cause)));
    }
    return null;
  }

  /** The same for a handshake that is known to have failed. */
  static TlsFailure ofHandshake(Throwable error) {
    TlsFailure known = of(error);
    if (known != null) {
      return known;
    }
    return tls(
        error instanceof IOException
            ? "the peer closed the connection during the TLS handshake; its log tells why, or it uses no TLS"
            : "the TLS handshake failed: " + reasons(error));
  }

  private static TlsFailure tls(String text) {
    return new TlsFailure(Kind.TLS, text);
  }

  /** What the runtime says, down to its deepest cause, where the reason mostly is. */
  private static String reasons(Throwable error) {
    Throwable deepest = error;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    String first = String.valueOf(error.getMessage());
    String last = String.valueOf(deepest.getMessage());
    return first.contains(last) ? first : first + ": " + last;
  }
}
