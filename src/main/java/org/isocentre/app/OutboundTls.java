package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS of connections to HL7 destinations. */
final class OutboundTls {
  private OutboundTls() {}

  /**
   * Without a trust store the Java runtime's would apply, and any certificate of a public authority
   * would do for a receiver.
   */
  static SSLSocketFactory socketFactory(IsocentreProperties.OutboundTls tls) {
    if (tls.trustStore() == null) {
      throw new BadConfiguration(
          "isocentre.outbound.tls.trust-store: needed to send to an HL7 destination with tls: true");
    }
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store("trust-store", tls.trustStore(), tls.trustStorePassword()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(tls), trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new BadConfiguration("isocentre.outbound.tls: " + e.getMessage());
    }
  }

  private static KeyManager[] keys(IsocentreProperties.OutboundTls tls)
      throws GeneralSecurityException {
    if (tls.keyStore() == null) {
      return null;
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(
        store("key-store", tls.keyStore(), tls.keyStorePassword()),
        password(tls.keyStorePassword()));
    return keys.getKeyManagers();
  }

  private static KeyStore store(String setting, Path file, String password)
      throws GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password(password));
      return store;
    } catch (IOException e) {
      throw new BadConfiguration(
          "isocentre.outbound.tls."
              + setting
              + ": "
              + file
              + " cannot be read as PKCS #12 with this password");
    }
  }

  private static char[] password(String text) {
    return text == null ? new char[0] : text.toCharArray();
  }
}
