package org.isocentre.dicom.association;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Peers that do what no peer should, byte by byte; after each of them the acceptor still serves.
 */
class HostilePeersTest {
  private static final int MAX_PDU = 16 * 1024;
  private static final AssociationSettings SETTINGS =
      new AssociationSettings(
          MAX_PDU,
          64 * 1024,
          3,
          2,
          Duration.ofMillis(300),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));

  private final EventLoops loops = new EventLoops(1);
  private final List<AssociationException> ends = Collections.synchronizedList(new ArrayList<>());
  private volatile CompletableFuture<Association> established = new CompletableFuture<>();
  private volatile int fragments;
  private final AssociationHandler handler =
      new AssociationHandler() {
        @Override
        public void established(Association association) {
          established.complete(association);
        }

        @Override
        public void pdv(
            Association association, int contextId, boolean command, boolean last, ByteBuf bytes) {
          fragments++;
        }

        @Override
        public void released(Association association) {
          // The answer is the machine's.
        }

        @Override
        public void closed(Association association, AssociationException cause) {
          ends.add(cause);
        }
      };

  private final AssociationAcceptor acceptor =
      new AssociationAcceptor(
          loops,
          "127.0.0.1",
          0,
          SETTINGS,
          (request, remote) ->
              switch (request.callingAeTitle()) {
                case "STRANGER" ->
                    new Decision.Reject(Pdu.AssociateRj.CALLING_AE_TITLE_NOT_RECOGNIZED);
                default ->
                    request.calledAeTitle().equals("HUB")
                        ? new Decision.Accept(
                            Negotiation.negotiate(
                                request.contexts(), Uid.VERIFICATION::equals, s -> true, List.of()),
                            handler)
                        : new Decision.Reject(Pdu.AssociateRj.CALLED_AE_TITLE_NOT_RECOGNIZED);
              });

  @AfterEach
  void stillServes() throws Exception {
    await().atMost(Duration.ofSeconds(10)).until(() -> acceptor.associations() == 0);
    try (Peer peer = new Peer()) {
      assertThat(peer.associate().type()).isEqualTo(Pdu.TYPE_ASSOCIATE_AC);
      peer.send(new Pdu.ReleaseRq());
      assertThat(peer.read().type()).isEqualTo(Pdu.TYPE_RELEASE_RP);
      assertThat(peer.read()).isNull();
    }
    acceptor.close();
    loops.close();
  }

  /** One PDU as it came. */
  private record Raw(int type, byte[] body) {}

  /** A socket that speaks as it likes. */
  private final class Peer implements AutoCloseable {
    private final Socket socket = new Socket("127.0.0.1", acceptor.port());
    private final DataInputStream in;

    Peer() throws IOException {
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
    }

    void send(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }

    void send(Pdu pdu) throws IOException {
      send(encode(pdu));
    }

    Raw associate() throws IOException {
      send(request("PACS", "HUB", 1, Uid.APPLICATION_CONTEXT, contexts(1), 0));
      return read();
    }

    /** The next PDU, or null at the end of the stream. */
    Raw read() throws IOException {
      return HostilePeersTest.read(in);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Raw read(DataInputStream in) throws IOException {
    try {
      int type = in.readUnsignedByte();
      in.readByte();
      byte[] body = new byte[in.readInt()];
      in.readFully(body);
      return new Raw(type, body);
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  private static byte[] encode(Pdu pdu) {
    return RawPdus.encode(pdu);
  }

  private static List<Pdu.ProposedContext> contexts(int count) {
    List<Pdu.ProposedContext> contexts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      contexts.add(
          new Pdu.ProposedContext(
              2 * i + 1, Uid.VERIFICATION, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN)));
    }
    return contexts;
  }

  private static Pdu.AssociateRq request(
      String calling,
      String called,
      int version,
      String applicationContext,
      List<Pdu.ProposedContext> contexts,
      long maxPdu) {
    return new Pdu.AssociateRq(
        version,
        called,
        calling,
        applicationContext,
        contexts,
        new Pdu.UserInformation(maxPdu, "1.2.3", "TEST", null, List.of(), null, 0));
  }

  private static void assertAborted(Raw pdu, int source, int reason) {
    assertThat(pdu).isNotNull();
    assertThat(pdu.type()).isEqualTo(Pdu.TYPE_ABORT);
    assertThat(pdu.body()).containsExactly(0, 0, source, reason);
  }

  @Test
  void garbageIsAborted() throws Exception {
    try (Peer peer = new Peer()) {
      peer.send("GET / HTTP/1.1\r\nHost: hub\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertAborted(peer.read(), Pdu.Abort.SERVICE_PROVIDER, Pdu.Abort.UNRECOGNIZED_PDU);
      assertThat(peer.read()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "5", "6", "7"})
  void aLengthOfFourGibibytesIsAbortedBeforeItComes(int type) throws Exception {
    try (Peer peer = new Peer()) {
      peer.send(new byte[] {(byte) type, 0, -1, -1, -1, -2, 0, 1});
      Raw answer = peer.read();
      if (type == Pdu.TYPE_ABORT) {
        assertThat(answer == null || answer.type() == Pdu.TYPE_ABORT).isTrue();
      } else {
        assertThat(answer).isNotNull();
        assertThat(answer.type()).isEqualTo(Pdu.TYPE_ABORT);
      }
    }
  }

  @Test
  void whoSaysNothingIsLeftAfterArtim() throws Exception {
    try (Peer peer = new Peer()) {
      assertThat(peer.read()).isNull();
    }
  }

  @Test
  void oneByteAtATimeHoldsNobody() throws Exception {
    byte[] request = encode(request("PACS", "HUB", 1, Uid.APPLICATION_CONTEXT, contexts(1), 0));
    try (Peer peer = new Peer()) {
      CompletableFuture<Raw> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return peer.read();
                } catch (IOException e) {
                  return null;
                }
              });
      int sent = 0;
      while (!answer.isDone() && sent < request.length) {
        try {
          peer.send(new byte[] {request[sent++]});
        } catch (SocketException e) {
          break;
        }
        try {
          answer.get(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Still connected: the next byte.
        }
      }
      assertThat(answer.get()).isNull();
      assertThat(sent).isLessThan(request.length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "STRANGER,HUB,1,1.2.840.10008.3.1.1.1,1,1,3",
    "PACS,OTHER,1,1.2.840.10008.3.1.1.1,1,1,7",
    "PACS,HUB,1,1.2.3,1,1,2",
    "PACS,HUB,2,1.2.840.10008.3.1.1.1,1,2,2"
  })
  void whoIsRefusedIsToldResultSourceAndReason(
      String calling,
      String called,
      int version,
      String applicationContext,
      int result,
      int source,
      int reason)
      throws Exception {
    try (Peer peer = new Peer()) {
      peer.send(request(calling, called, version, applicationContext, contexts(1), 0));
      Raw answer = peer.read();
      assertThat(answer.type()).isEqualTo(Pdu.TYPE_ASSOCIATE_RJ);
      assertThat(answer.body()).containsExactly(0, result, source, reason);
      assertThat(peer.read()).isNull();
    }
  }

  @Test
  void oneTooManyIsRefusedAsTransient() throws Exception {
    try (Peer first = new Peer();
        Peer second = new Peer();
        Peer third = new Peer()) {
      assertThat(first.associate().type()).isEqualTo(Pdu.TYPE_ASSOCIATE_AC);
      assertThat(second.associate().type()).isEqualTo(Pdu.TYPE_ASSOCIATE_AC);
      Raw answer = third.associate();
      assertThat(answer.type()).isEqualTo(Pdu.TYPE_ASSOCIATE_RJ);
      assertThat(answer.body()).containsExactly(0, Pdu.AssociateRj.TRANSIENT, 3, 2);
    }
  }

  @Test
  void oneHundredAndTwentyEightContextsAreAnswered() throws Exception {
    try (Peer peer = new Peer()) {
      peer.send(request("PACS", "HUB", 1, Uid.APPLICATION_CONTEXT, contexts(128), 0));
      assertThat(peer.read().type()).isEqualTo(Pdu.TYPE_ASSOCIATE_AC);
      Association association = established.get();
      assertThat(association.presentationContexts()).hasSize(128);
      assertThat(association.presentationContexts().get(127).id()).isEqualTo(255);
    }
  }

  @Test
  void aPduLongerThanAnnouncedIsAborted() throws Exception {
    try (Peer peer = new Peer()) {
      peer.associate();
      peer.send(new Pdu.PDataTf(1, true, false, Unpooled.wrappedBuffer(new byte[MAX_PDU - 6])));
      await().atMost(Duration.ofSeconds(5)).until(() -> fragments > 0);
      peer.send(new Pdu.PDataTf(1, true, false, Unpooled.wrappedBuffer(new byte[MAX_PDU - 5])));
      Raw answer = peer.read();
      assertThat(answer.type()).isEqualTo(Pdu.TYPE_ABORT);
    }
  }

  @Test
  void aContextThatWasNotAcceptedIsAborted() throws Exception {
    try (Peer peer = new Peer()) {
      peer.associate();
      peer.send(new Pdu.PDataTf(9, true, true, Unpooled.wrappedBuffer(new byte[8])));
      assertAborted(peer.read(), Pdu.Abort.SERVICE_PROVIDER, Pdu.Abort.INVALID_PARAMETER);
      assertThat(fragments).isZero();
    }
  }

  @Test
  void whoStallsWithinAPduIsAborted() throws Exception {
    try (Peer peer = new Peer()) {
      peer.associate();
      byte[] half = encode(new Pdu.PDataTf(1, true, true, Unpooled.wrappedBuffer(new byte[500])));
      peer.send(java.util.Arrays.copyOf(half, 100));
      assertAborted(peer.read(), Pdu.Abort.SERVICE_USER, 0);
      await().atMost(Duration.ofSeconds(5)).until(() -> !ends.isEmpty());
      assertThat(ends.get(0).kind()).isEqualTo(Kind.TIMEOUT);
    }
  }

  @Test
  void anAbortEndsTheAssociationWithItsSourceAndReason() throws Exception {
    try (Peer peer = new Peer()) {
      peer.associate();
      peer.send(new Pdu.Abort(Pdu.Abort.SERVICE_PROVIDER, Pdu.Abort.UNEXPECTED_PARAMETER));
      assertThat(peer.read()).isNull();
      await().atMost(Duration.ofSeconds(5)).until(() -> !ends.isEmpty());
      assertThat(ends.get(0).kind()).isEqualTo(Kind.ABORTED);
      assertThat(ends.get(0)).hasMessageContaining("source 2, reason 5");
    }
  }

  @Test
  void aReleaseCollisionEndsInOrder() throws Exception {
    try (Peer peer = new Peer()) {
      peer.associate();
      Association association = established.get();
      CompletableFuture<Void> release = CompletableFuture.runAsync(association::release);
      assertThat(peer.read().type()).isEqualTo(Pdu.TYPE_RELEASE_RQ);
      peer.send(new Pdu.ReleaseRq());
      peer.send(new Pdu.ReleaseRp());
      assertThat(peer.read().type()).isEqualTo(Pdu.TYPE_RELEASE_RP);
      assertThat(peer.read()).isNull();
      release.get();
      await().atMost(Duration.ofSeconds(5)).until(() -> !ends.isEmpty());
      assertThat(ends)
          .singleElement()
          .extracting(AssociationException::kind)
          .isEqualTo(Kind.CLOSED);
    }
  }

  @Test
  void aPeersLimitIsKeptWhenSending() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      CompletableFuture<List<Integer>> lengths =
          CompletableFuture.supplyAsync(
              () -> {
                List<Integer> seen = new ArrayList<>();
                try (Socket socket = server.accept()) {
                  DataInputStream in = new DataInputStream(socket.getInputStream());
                  read(in);
                  socket
                      .getOutputStream()
                      .write(
                          encode(
                              new Pdu.AssociateAc(
                                  1,
                                  "FAR",
                                  "HUB",
                                  Uid.APPLICATION_CONTEXT,
                                  List.of(
                                      new Pdu.ContextResult(1, 0, Uid.IMPLICIT_VR_LITTLE_ENDIAN)),
                                  new Pdu.UserInformation(
                                      4096, "1.2.3", "TEST", null, List.of(), null, 0))));
                  for (Raw pdu = read(in); pdu != null; pdu = read(in)) {
                    if (pdu.type() == Pdu.TYPE_P_DATA_TF) {
                      seen.add(pdu.body().length);
                    }
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
                return seen;
              });
      Association association =
          new AssociationRequestor(loops, SETTINGS)
              .connect(
                  "127.0.0.1",
                  server.getLocalPort(),
                  "HUB",
                  "FAR",
                  List.of(
                      new AssociationRequestor.Proposal(
                          Uid.VERIFICATION, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN))),
                  handler);
      assertThat(association.maxFragmentLength()).isEqualTo(4090);
      association.sendPdv(1, false, false, Unpooled.wrappedBuffer(new byte[4090]));
      assertThatThrownBy(
              () -> association.sendPdv(1, false, true, Unpooled.wrappedBuffer(new byte[4091])))
          .isInstanceOf(IllegalArgumentException.class);
      association.sendPdv(1, false, true, Unpooled.wrappedBuffer(new byte[1]));
      association.abort();
      assertThat(lengths.get()).containsExactly(4096, 7);
    }
  }
}
