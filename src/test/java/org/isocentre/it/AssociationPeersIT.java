package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationHandler;
import org.isocentre.dicom.association.AssociationPolicy;
import org.isocentre.dicom.association.AssociationPolicy.Candidate;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.CertificateBinding;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.association.TlsSettings.ClientAuthentication;
import org.isocentre.dicom.association.UserIdentityPolicy;
import org.isocentre.dicom.association.VerifiedIdentity;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DCMTK's programs against acceptor and requestor: TLS, user identity, roles, lengths of PDUs. */
class AssociationPeersIT {
  private static final String PACKAGE = "dcmtk";
  private static final TestCertificates HUB = TestCertificates.of("hub");
  private static final TestCertificates PACS = TestCertificates.of("pacs");
  private static final TestCertificates STRANGER = TestCertificates.of("stranger");
  private static final Pacs.Image IMAGE =
      Pacs.image(
          "1.2.3.4",
          "1.2.3.5",
          "1.2.3.6",
          new Pacs.About("9990000018", "19700101", "ACC1"),
          200,
          1);

  @TempDir Path directory;
  private final EventLoops loops = new EventLoops(1);
  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final Queue<Association> established = new ConcurrentLinkedQueue<>();
  private final Map<String, byte[]> received = new ConcurrentHashMap<>();
  private AssociationAcceptor acceptor;

  @AfterEach
  void everythingEnds() {
    if (acceptor != null) {
      await().atMost(Duration.ofSeconds(10)).until(() -> acceptor.associations() == 0);
      acceptor.close();
    }
    loops.close();
    workers.shutdownNow();
  }

  // --- this end

  private static TlsSettings tls(
      SSLContext context, ClientAuthentication authentication, TlsProfile profile) {
    return new TlsSettings(() -> context, authentication, profile);
  }

  private static TlsSettings tls(ClientAuthentication authentication) {
    return tls(HUB.trusting(PACS), authentication, TlsProfile.NON_DOWNGRADING_BCP_195);
  }

  private void listen(TlsSettings tls, AssociationPolicy policy) {
    acceptor =
        new AssociationAcceptor(loops, "127.0.0.1", 0, AssociationSettings.DEFAULT, tls, policy);
  }

  private Decision accept(Pdu.AssociateRq request) {
    return new Decision.Accept(
        Negotiation.negotiate(
            request.contexts(),
            uid -> true,
            syntax -> true,
            List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
        new Remembering(
            ServiceProvider.handler(
                workers,
                Services.storage(
                    SpoolSink.factory(1 << 20, null),
                    (association, object) -> {
                      try (InputStream in = object.openDataSet()) {
                        received.put(object.info().sopInstanceUid(), in.readAllBytes());
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                      return new StorageHandler.Result(0, null);
                    }),
                DimseSettings.DEFAULT)),
        Negotiation.roles(request.userInformation().roles(), uid -> true, uid -> true),
        List.of(),
        null);
  }

  /** Keeps each association for the test to look at. */
  private final class Remembering implements AssociationHandler {
    private final AssociationHandler handler;

    Remembering(AssociationHandler handler) {
      this.handler = handler;
    }

    @Override
    public void established(Association association) {
      established.add(association);
      handler.established(association);
    }

    @Override
    public void pdv(
        Association association,
        int contextId,
        boolean command,
        boolean last,
        io.netty.buffer.ByteBuf fragment) {
      handler.pdv(association, contextId, command, last, fragment);
    }

    @Override
    public void released(Association association) {
      handler.released(association);
    }

    @Override
    public void closed(Association association, AssociationException cause) {
      handler.closed(association, cause);
    }
  }

  // --- the other end

  private List<String> certificate(TestCertificates own) throws Exception {
    List<Path> pem = own.writePem(directory);
    return List.of(pem.get(0).toString(), pem.get(1).toString());
  }

  private List<String> mutual(TestCertificates own) throws Exception {
    List<String> options = new ArrayList<>(List.of("+tls"));
    options.addAll(certificate(own));
    options.addAll(List.of("+cf", certificate(HUB).get(1)));
    return options;
  }

  private Peer.Run run(String program, List<String> options, String... files) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Peer.require(program, PACKAGE).toString());
    command.addAll(options);
    command.addAll(List.of("-aet", "PACS", "-aec", "HUB", "-to", "10"));
    command.addAll(List.of("127.0.0.1", Integer.toString(acceptor.port())));
    command.addAll(List.of(files));
    return Peer.run(command);
  }

  private Path file() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        new FileMetaInformation(
                Uid.CT_IMAGE_STORAGE, IMAGE.uid(), Uid.EXPLICIT_VR_LITTLE_ENDIAN, null)
            .encode());
    out.writeBytes(IMAGE.dataSet());
    return Files.write(directory.resolve("image.dcm"), out.toByteArray());
  }

  // --- TLS

  @ParameterizedTest(name = "echoscu {0}, here {1}")
  @CsvSource({
    "+py, NON_DOWNGRADING_BCP_195",
    "+px, NON_DOWNGRADING_BCP_195",
    "+pz, NON_DOWNGRADING_BCP_195",
    "+py, EXTENDED_BCP_195",
    "+px, EXTENDED_BCP_195",
    "+pz, EXTENDED_BCP_195"
  })
  void mutualTlsInEachProfile(String profile, TlsProfile here) throws Exception {
    listen(
        tls(HUB.trusting(PACS), ClientAuthentication.NEED, here),
        new CertificateBinding(
            Map.of("PACS", List.of("pacs.example")), true, (request, remote) -> accept(request)));
    List<String> options = mutual(PACS);
    options.add(profile);
    assertThat(run("echoscu", options)).extracting(Peer.Run::exit).isEqualTo(0);
    assertThat(established.remove().peerCertificate()).isEqualTo(PACS.certificate());
  }

  @Test
  void anAnonymousPeerIsLetInOnlyWhereItMay() throws Exception {
    listen(tls(ClientAuthentication.WANT), (request, remote) -> accept(request));
    List<String> anonymous = List.of("+tla", "+cf", certificate(HUB).get(1));
    assertThat(run("echoscu", anonymous).exit()).isZero();
    assertThat(established.remove().peerCertificate()).isNull();
    acceptor.close();
    listen(tls(ClientAuthentication.NEED), (request, remote) -> accept(request));
    assertThat(run("echoscu", anonymous).exit()).isNotZero();
    assertThat(established).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stranger", "plain to TLS", "TLS to plain"})
  void whoDoesNotFitFailsSoonAndTheNextOneIsServed(String what) throws Exception {
    boolean toPlain = what.equals("TLS to plain");
    listen(toPlain ? null : tls(ClientAuthentication.NEED), (request, remote) -> accept(request));
    List<String> wrong =
        switch (what) {
          case "stranger" -> mutual(STRANGER);
          case "plain to TLS" -> List.of();
          default -> mutual(PACS);
        };
    long start = System.nanoTime();
    assertThat(run("echoscu", wrong).exit()).isNotZero();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    assertThat(established).isEmpty();
    assertThat(run("echoscu", toPlain ? List.of() : mutual(PACS)).exit()).isZero();
  }

  /** PS3.15 §B.11: 2048 bits or more. */
  @Test
  void aDheKeyIsLongEnough() throws Exception {
    listen(tls(ClientAuthentication.NONE), (request, remote) -> accept(request));
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("openssl", "openssl").toString(),
                "s_client",
                "-connect",
                "127.0.0.1:" + acceptor.port(),
                "-tls1_2",
                "-cipher",
                "DHE-RSA-AES128-GCM-SHA256"));
    assertThat(run.output()).containsPattern("Server Temp Key: DH, (2048|3072|4096) bits");
  }

  // --- objects

  @ParameterizedTest(name = "TLS {0}, PDUs of {1}")
  @CsvSource({"true, 4096", "true, 131072", "false, 4096", "false, 131072"})
  void storescuSendsAnObject(boolean secured, int maxPdu) throws Exception {
    listen(secured ? tls(ClientAuthentication.NEED) : null, (request, remote) -> accept(request));
    List<String> options = secured ? mutual(PACS) : new ArrayList<>();
    options.addAll(List.of("-pdu", Integer.toString(maxPdu), "--max-send-pdu", "" + maxPdu));
    Peer.Run run = run("storescu", options, file().toString());
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(received).containsOnlyKeys(IMAGE.uid());
    assertThat(received.get(IMAGE.uid())).isEqualTo(IMAGE.dataSet());
    assertThat(established.remove().maxFragmentLength()).isEqualTo(maxPdu - 6);
  }

  @ParameterizedTest(name = "TLS {0}, PDUs of {1}")
  @CsvSource({"true, 4096", "true, 131072", "false, 4096"})
  void storescpTakesAnObject(boolean secured, int maxPdu) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>();
    command.add(Peer.require("storescp", PACKAGE).toString());
    if (secured) {
      command.add("+tls");
      command.addAll(certificate(PACS));
      command.addAll(List.of("+cf", certificate(HUB).get(1)));
    }
    command.addAll(List.of("+B", "-od", directory.toString(), "-pdu", "" + maxPdu, "" + port));
    Process storescp =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try (ServiceUser user = connect(secured, port)) {
      assertThat(Pacs.store(user, IMAGE)).isZero();
      assertThat(user.association().maxFragmentLength()).isEqualTo(maxPdu - 6);
      assertThat(user.association().peerCertificate())
          .isEqualTo(secured ? PACS.certificate() : null);
    } finally {
      storescp.destroy();
      assertThat(storescp.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    try (Stream<Path> files = Files.list(directory)) {
      Path stored = files.filter(f -> f.toString().contains(IMAGE.uid())).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(stored);
      int start = bytes.length - IMAGE.dataSet().length;
      assertThat(Arrays.copyOfRange(bytes, start, bytes.length)).isEqualTo(IMAGE.dataSet());
    }
  }

  /** Until it listens. */
  private ServiceUser connect(boolean secured, int port) {
    TlsSettings tls =
        secured
            ? tls(HUB.trusting(PACS), ClientAuthentication.NONE, TlsProfile.NON_DOWNGRADING_BCP_195)
            : null;
    AssociationRequestor requestor =
        new AssociationRequestor(loops, AssociationSettings.DEFAULT, tls);
    return await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsMatching(
            e ->
                e instanceof AssociationException a
                    && a.kind() == AssociationException.Kind.CONNECT)
        .until(
            () ->
                ServiceUser.connect(
                    requestor,
                    "127.0.0.1",
                    port,
                    "HUB",
                    "STORESCP",
                    List.of(
                        new AssociationRequestor.Proposal(
                            Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
                    Duration.ofSeconds(20)),
            user -> true);
  }

  // --- user identity

  /** What storescu shows, and whether the verifier here takes it; it always asks for an answer. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "--user alice, 1, alice, '', true",
    "--user bob, 1, bob, '', false",
    "--user alice --password secret, 2, alice, secret, true",
    "--user alice --password wrong, 2, alice, wrong, false",
    "--user alice --empty-password, 2, alice, '', false",
    "--kerberos FILE, 3, credential, '', true",
    "--saml FILE, 4, credential, '', true",
    "--jwt FILE, 5, credential, '', true"
  })
  void usersAreVerified(String shown, int type, String primary, String secondary, boolean taken)
      throws Exception {
    Queue<Pdu.UserIdentity> asked = new ConcurrentLinkedQueue<>();
    listen(
        null,
        new UserIdentityPolicy(
            (request, remote) -> accept(request),
            (identity, candidate) -> verify(identity, candidate, asked, taken),
            true,
            workers,
            Duration.ofSeconds(5)));
    Path credential = Files.writeString(directory.resolve("credential"), "credential");
    List<String> options =
        new ArrayList<>(List.of(shown.replace("FILE", credential.toString()).split(" ")));
    options.add("--pos-response");
    Peer.Run run = run("storescu", options, file().toString());
    assertThat(run.exit() == 0).as(run.output()).isEqualTo(taken);
    assertThat(received.containsKey(IMAGE.uid())).isEqualTo(taken);
    Pdu.UserIdentity identity = asked.remove();
    assertThat(identity.type()).isEqualTo(type);
    assertThat(identity.responseRequested()).isTrue();
    assertThat(new String(identity.primary(), StandardCharsets.UTF_8)).isEqualTo(primary);
    assertThat(new String(identity.secondary(), StandardCharsets.UTF_8)).isEqualTo(secondary);
    if (taken) {
      assertThat(established.remove().userIdentity().name()).isEqualTo("user of type " + type);
    }
  }

  private static Optional<VerifiedIdentity> verify(
      Pdu.UserIdentity identity,
      Candidate candidate,
      Queue<Pdu.UserIdentity> asked,
      boolean taken) {
    assertThat(candidate.request().callingAeTitle()).isEqualTo("PACS");
    asked.add(identity);
    byte[] answer = identity.type() < Pdu.UserIdentity.KERBEROS ? new byte[0] : new byte[] {1, 2};
    return taken
        ? Optional.of(new VerifiedIdentity("user of type " + identity.type(), answer))
        : Optional.empty();
  }

  @Test
  void whoShowsNoUserIsRefusedWhereOneIsRequired() throws Exception {
    listen(
        null,
        new UserIdentityPolicy(
            (request, remote) -> accept(request),
            (identity, candidate) -> Optional.empty(),
            true,
            workers,
            Duration.ofSeconds(5)));
    Peer.Run run = run("echoscu", List.of("-v"));
    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).contains("Rejected Permanent");
  }

  // --- roles

  @Test
  void getscuMayProvideStorage() throws Exception {
    listen(null, (request, remote) -> accept(request));
    // C-GET itself is not what this is about: whatever its answer, the roles are agreed on.
    run(
        "getscu",
        List.of("-S", "-k", "0008,0052=STUDY", "-k", "0020,000D=1.2.3", "-ta", "5", "-td", "5"));
    Association association = established.remove();
    String get = "1.2.840.10008.5.1.4.1.2.2.3";
    assertThat(association.mayBeScp(get)).isTrue();
    assertThat(association.mayBeScu(get)).isFalse();
    assertThat(association.mayBeScu(Uid.CT_IMAGE_STORAGE)).isTrue();
    assertThat(association.mayBeScp(Uid.CT_IMAGE_STORAGE)).isFalse();
  }

  @Test
  void aSuspendedAcceptorIsTransientToEchoscu() throws Exception {
    listen(null, (request, remote) -> accept(request));
    acceptor.suspended(true);
    Peer.Run run = run("echoscu", List.of("-v"));
    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).contains("Rejected Transient");
    acceptor.suspended(false);
    assertThat(run("echoscu", List.of()).exit()).isZero();
  }
}
