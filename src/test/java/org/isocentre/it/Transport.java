package org.isocentre.it;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.TlsSettings;

/**
 * How this end and a program of others are connected: plainly, or in TLS with certificates of both
 * sides. A program without TLS of its own speaks through a tunnel.
 */
final class Transport implements AutoCloseable {
  static final TestCertificates OURS = TestCertificates.of("hub");
  static final TestCertificates THEIRS = TestCertificates.of("pacs");
  private final boolean secured;
  private final List<TlsTunnel> tunnels = new ArrayList<>();

  private Transport(boolean secured) {
    this.secured = secured;
  }

  static Transport plain() {
    return new Transport(false);
  }

  static Transport tls() {
    return new Transport(true);
  }

  boolean secured() {
    return secured;
  }

  /** Of this end as acceptor and as requestor; null for plain connections. */
  TlsSettings ours() {
    return secured
        ? new TlsSettings(
            () -> OURS.trusting(THEIRS),
            TlsSettings.ClientAuthentication.NEED,
            TlsProfile.NON_DOWNGRADING_BCP_195)
        : null;
  }

  /** What a program of DCMTK that has TLS is to be told. */
  List<String> options(Path directory) {
    if (!secured) {
      return List.of();
    }
    Pem pem = pem(directory);
    return List.of(
        "+tls",
        pem.key().toString(),
        pem.certificate().toString(),
        "+cf",
        pem.trusted().toString());
  }

  /** Settings that Orthanc is to be given. */
  Map<String, Object> orthanc(Path directory) {
    if (!secured) {
      return Map.of();
    }
    Pem pem = pem(directory);
    return Map.of(
        "DicomTlsEnabled",
        true,
        "DicomTlsPrivateKey",
        pem.key().toString(),
        "DicomTlsCertificate",
        pem.certificate().toString(),
        "DicomTlsTrustedCertificates",
        pem.trusted().toString(),
        "DicomTlsRemoteCertificateRequired",
        true);
  }

  /** The other side's files. */
  private record Pem(Path key, Path certificate, Path trusted) {}

  private static Pem pem(Path directory) {
    try {
      List<Path> own = THEIRS.writePem(directory);
      return new Pem(own.get(0), own.get(1), OURS.writePem(directory).get(1));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where a program without TLS has to connect to, to reach our port. */
  int towardsOurs(int port) {
    return secured ? opened(TlsTunnel.into(port, THEIRS.trusting(OURS))) : port;
  }

  /** Where we have to connect to, to reach the port of a program without TLS. */
  int towardsTheirs(int port) {
    return secured ? opened(TlsTunnel.outOf(port, THEIRS.trusting(OURS))) : port;
  }

  /** Where an end of ours without TLS, of the test kit, has to connect to, to reach their port. */
  int scriptedTowardsTheirs(int port) {
    return secured ? opened(TlsTunnel.into(port, OURS.trusting(THEIRS))) : port;
  }

  /** Where they have to connect to, to reach the port of an end of ours without TLS. */
  int towardsScripted(int port) {
    return secured ? opened(TlsTunnel.outOf(port, OURS.trusting(THEIRS))) : port;
  }

  private int opened(TlsTunnel tunnel) {
    tunnels.add(tunnel);
    return tunnel.port();
  }

  @Override
  public void close() {
    tunnels.forEach(TlsTunnel::close);
  }
}
