package org.isocentre.dicom.association;

import java.util.List;

/**
 * Secure transport connection profiles (PS3.15 §B.10, §B.11). Neither goes below TLS 1.2, and a
 * connection is TLS from its first byte. Suites are in order of preference; those that the Java
 * runtime does not have are passed over. Those with DHE come last: they are there for peers that
 * have nothing else.
 */
public enum TlsProfile {
  /** Non-Downgrading BCP 195 TLS Profile: those that BCP 195 recommends, and stronger ones. */
  NON_DOWNGRADING_BCP_195(
      List.of(TlsProfile.TLS_1_3, TlsProfile.TLS_1_2),
      List.of(
          Suites.AES_256,
          Suites.AES_128,
          Suites.CHACHA20,
          Suites.ECDHE_ECDSA_AES_256,
          Suites.ECDHE_ECDSA_AES_128,
          Suites.ECDHE_RSA_AES_256,
          Suites.ECDHE_RSA_AES_128,
          Suites.ECDHE_ECDSA_CHACHA20,
          Suites.ECDHE_RSA_CHACHA20,
          Suites.DHE_RSA_AES_256,
          Suites.DHE_RSA_AES_128)),
  /**
   * Extended BCP 195 TLS Profile: the suites that it lists, AES in GCM with ephemeral keys; they
   * are of TLS 1.2.
   */
  EXTENDED_BCP_195(
      List.of(TlsProfile.TLS_1_2),
      List.of(
          Suites.ECDHE_ECDSA_AES_256,
          Suites.ECDHE_ECDSA_AES_128,
          Suites.ECDHE_RSA_AES_256,
          Suites.ECDHE_RSA_AES_128,
          Suites.DHE_RSA_AES_256,
          Suites.DHE_RSA_AES_128));

  public static final String TLS_1_3 = "TLSv1.3";
  public static final String TLS_1_2 = "TLSv1.2";

  /** Of TLS 1.3 (RFC 8446 §B.4), and of TLS 1.2 (RFC 5288, RFC 5289, RFC 7905). */
  private static final class Suites {
    static final String AES_256 = "TLS_AES_256_GCM_SHA384";
    static final String AES_128 = "TLS_AES_128_GCM_SHA256";
    static final String CHACHA20 = "TLS_CHACHA20_POLY1305_SHA256";
    static final String ECDHE_ECDSA_AES_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    static final String ECDHE_ECDSA_AES_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    static final String ECDHE_RSA_AES_256 = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    static final String ECDHE_RSA_AES_128 = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    static final String ECDHE_ECDSA_CHACHA20 = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    static final String ECDHE_RSA_CHACHA20 = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
    static final String DHE_RSA_AES_256 = "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384";
    static final String DHE_RSA_AES_128 = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
  }

  private final List<String> protocols;
  private final List<String> cipherSuites;

  TlsProfile(List<String> protocols, List<String> cipherSuites) {
    this.protocols = protocols;
    this.cipherSuites = cipherSuites;
  }

  /** As Java names them, newest first. */
  public List<String> protocols() {
    return protocols;
  }

  /** In order of preference. */
  public List<String> cipherSuites() {
    return cipherSuites;
  }
}
