package org.isocentre.dicom.association;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Self-signed certificates, made by the Java runtime's own keytool, once for all tests. */
public final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Map<String, TestCertificates> MADE = new ConcurrentHashMap<>();
  private final String name;
  private final KeyStore keys;

  private TestCertificates(String name, KeyStore keys) {
    this.name = name;
    this.keys = keys;
  }

  /** One of this common name, with {@code name.example} and a URI as alternative names. */
  public static TestCertificates of(String name) {
    return MADE.computeIfAbsent(name, TestCertificates::make);
  }

  private static TestCertificates make(String name) {
    try {
      Path directory = Files.createTempDirectory("certificates");
      Path file = directory.resolve("keys.p12");
      Process keytool =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                      "-genkeypair",
                      "-alias",
                      "key",
                      "-keyalg",
                      "RSA",
                      "-keysize",
                      "2048",
                      "-dname",
                      "CN=" + name + ", O=Test",
                      "-ext",
                      "san=dns:" + host(name) + ",uri:urn:test:" + name,
                      "-validity",
                      "30",
                      "-storetype",
                      "PKCS12",
                      "-keystore",
                      file.toString(),
                      "-storepass",
                      new String(PASSWORD)))
              .redirectErrorStream(true)
              .start();
      String output = new String(keytool.getInputStream().readAllBytes());
      if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IllegalStateException("keytool failed: " + output);
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        keys.load(in, PASSWORD);
      }
      Files.delete(file);
      Files.delete(directory);
      return new TestCertificates(name, keys);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String host(String name) {
    return name.equals("localhost") ? name : name + ".example";
  }

  public String name() {
    return name;
  }

  public X509Certificate certificate() {
    try {
      return (X509Certificate) keys.getCertificate("key");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Shows this certificate and trusts {@code trusted} alone. */
  public SSLContext trusting(TestCertificates... trusted) {
    return context(this, trusted);
  }

  /** Writes key and certificate as PKCS #12. */
  public void save(Path file, String password) {
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore copy = KeyStore.getInstance("PKCS12");
      copy.load(null, null);
      copy.setKeyEntry(
          "key",
          keys.getKey("key", PASSWORD),
          password.toCharArray(),
          keys.getCertificateChain("key"));
      copy.store(out, password.toCharArray());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the certificate alone, as one to be trusted, as PKCS #12. */
  public void saveTrusted(Path file, String password) {
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry(name, certificate());
      trust.store(out, password.toCharArray());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Shows no certificate. */
  public static SSLContext anonymousTrusting(TestCertificates... trusted) {
    return context(null, trusted);
  }

  private static SSLContext context(TestCertificates own, TestCertificates... trusted) {
    try {
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore none = KeyStore.getInstance("PKCS12");
      none.load(null, null);
      managers.init(own == null ? none : own.keys, PASSWORD);
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      for (TestCertificates one : trusted) {
        authorities.setCertificateEntry(one.name, one.certificate());
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes {@code name.key} and {@code name.crt}, PEM both. @return these two files */
  public List<Path> writePem(Path directory) throws IOException, GeneralSecurityException {
    List<Path> files = new ArrayList<>();
    Key key = keys.getKey("key", PASSWORD);
    files.add(pem(directory.resolve(name + ".key"), "PRIVATE KEY", key.getEncoded()));
    files.add(pem(directory.resolve(name + ".crt"), "CERTIFICATE", certificate().getEncoded()));
    return files;
  }

  private static Path pem(Path file, String what, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, text, what));
  }
}
