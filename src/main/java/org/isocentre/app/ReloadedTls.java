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
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's certificate and whom it trusts, of two PKCS #12 files that are looked at now and then:
 * when one has changed, connections that begin later use what it holds. When it cannot be read,
 * what was read before stays. The same for every door: DICOM, MLLP, and HL7 out.
 */
final class ReloadedTls implements Supplier<SSLContext> {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadedTls.class);
  private final String prefix;
  private final Stores stores;
  private final long intervalNanos;
  private List<String> versions;
  private SSLContext current;
  private long looked;

  /**
   * @param keys the hub's certificate and key; null to show none
   * @param trust certificates or authorities that peers must have theirs of; null for those of the
   *     Java runtime, which whoever sets this up must rule out where peers have to show one
   */
  record Stores(Path keys, String keysPassword, Path trust, String trustPassword) {
    static Stores of(IsocentreProperties.Tls tls) {
      return new Stores(
          tls.keyStore(), tls.keyStorePassword(), tls.trustStore(), tls.trustStorePassword());
    }

    static Stores of(IsocentreProperties.OutboundTls tls) {
      return new Stores(
          tls.keyStore(), tls.keyStorePassword(), tls.trustStore(), tls.trustStorePassword());
    }
  }

  /**
   * @param prefix of the settings, for messages
   * @throws BadConfiguration if the files cannot be read
   */
  ReloadedTls(String prefix, Stores stores, Duration interval) {
    this.prefix = prefix;
    this.stores = stores;
    this.intervalNanos = interval.toNanos();
    this.looked = System.nanoTime();
    try {
      this.versions = versions();
      this.current = read();
    } catch (UnreadableException e) {
      throw new BadConfiguration(e.getMessage());
    } catch (IOException | GeneralSecurityException e) {
      throw new BadConfiguration(prefix + ": " + e.getMessage());
    }
  }

  /** A file is not there, or is no PKCS #12 of this password. */
  private static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** As Camel's components take it; they ask for a context as often as they like. */
  SSLContextParameters parameters() {
    return new SSLContextParameters() {
      @Override
      public SSLContext createSSLContext(CamelContext camel) {
        return get();
      }
    };
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
    found.add(version("key-store", stores.keys()));
    found.add(version("trust-store", stores.trust()));
    return found;
  }

  private String version(String setting, Path file) throws IOException {
    try {
      return file == null ? "" : Files.getLastModifiedTime(file) + " " + Files.size(file);
    } catch (IOException e) {
      throw unreadable(setting, file, e);
    }
  }

  private SSLContext read() throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys(), trust(), null);
    return context;
  }

  private KeyManager[] keys() throws IOException, GeneralSecurityException {
    if (stores.keys() == null) {
      return null;
    }
    char[] password = chars(stores.keysPassword());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store("key-store", stores.keys(), password), password);
    return keys.getKeyManagers();
  }

  private TrustManager[] trust() throws IOException, GeneralSecurityException {
    if (stores.trust() == null) {
      return null;
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store("trust-store", stores.trust(), chars(stores.trustPassword())));
    return trust.getTrustManagers();
  }

  private static char[] chars(String password) {
    return password == null ? new char[0] : password.toCharArray();
  }

  private KeyStore store(String setting, Path file, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    } catch (IOException e) {
      throw unreadable(setting, file, e);
    }
    return store;
  }

  private IOException unreadable(String setting, Path file, IOException cause) {
    return new UnreadableException(
        "%s.%s: %s cannot be read as PKCS #12 with this password (%s)"
            .formatted(prefix, setting, file, cause.getClass().getSimpleName()),
        cause);
  }
}
