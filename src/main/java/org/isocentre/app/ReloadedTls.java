package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's certificate and whom it trusts, of two PKCS #12 files that are looked at now and then:
 * when one has changed, connections that begin later use what it holds. When it cannot be read,
 * what was read before stays.
 */
final class ReloadedTls implements Supplier<SSLContext> {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadedTls.class);
  private final String prefix;
  private final IsocentreProperties.Tls settings;
  private final long intervalNanos;
  private List<String> versions;
  private SSLContext current;
  private long looked;

  /**
   * @param prefix of the settings, for messages
   * @throws BadConfiguration if the files cannot be read
   */
  ReloadedTls(String prefix, IsocentreProperties.Tls settings, Duration interval) {
    this.prefix = prefix;
    this.settings = settings;
    this.intervalNanos = interval.toNanos();
    this.looked = System.nanoTime();
    try {
      this.versions = versions();
      this.current = read();
    } catch (IOException | GeneralSecurityException e) {
      throw new BadConfiguration(prefix + ": " + e.getMessage());
    }
  }

  @Override
  public synchronized SSLContext get() {
    long now = System.nanoTime();
    if (now - looked >= intervalNanos) {
      looked = now;
      look();
    }
    return current;
  }

  private void look() {
    try {
      List<String> found = versions();
      if (!found.equals(versions)) {
        current = read();
        versions = found;
        LOG.info("{}: certificates were read anew", prefix);
      }
    } catch (IOException | GeneralSecurityException e) {
      LOG.warn(
          "ISO-HL7-120: {}: {}; the certificates that were read before stay in use",
          prefix,
          e.getMessage());
    }
  }

  private List<String> versions() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : new Path[] {settings.keyStore(), settings.trustStore()}) {
      if (file != null) {
        found.add(Files.getLastModifiedTime(file) + " " + Files.size(file));
      }
    }
    return found;
  }

  private SSLContext read() throws IOException, GeneralSecurityException {
    char[] password = chars(settings.keyStorePassword());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store("key-store", settings.keyStore(), password), password);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    if (settings.trustStore() != null) {
      trust.init(store("trust-store", settings.trustStore(), chars(settings.trustStorePassword())));
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        keys.getKeyManagers(),
        settings.trustStore() == null ? null : trust.getTrustManagers(),
        null);
    return context;
  }

  private static char[] chars(String password) {
    return password == null ? new char[0] : password.toCharArray();
  }

  private static KeyStore store(String setting, Path file, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    } catch (IOException e) {
      throw new IOException("%s %s cannot be read: %s".formatted(setting, file, e.getMessage()), e);
    }
    return store;
  }
}
