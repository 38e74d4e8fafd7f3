package org.isocentre.dicom.testkit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.pdu.PduDecoder;
import org.isocentre.dicom.pdu.PduEncoder;

/**
 * A service class provider that does what the test tells it to, right or wrong. Without a script it
 * accepts everything that is proposed and answers every request with 0000. Scripts are set before
 * {@link #listen}; what came may be looked at any time.
 */
public final class ScriptedScp implements AutoCloseable {
  private static final int MAX_PDU = 16 * 1024;
  private final Map<Integer, Reaction> reactions = new HashMap<>();
  private final Map<Integer, Map<Integer, Reaction>> numbered = new HashMap<>();
  private final Set<String> refusedSopClasses = new HashSet<>();
  private final Set<String> refusedSyntaxes = new HashSet<>();
  private final List<Message> requests = new CopyOnWriteArrayList<>();
  private final List<Conversation> conversations = new CopyOnWriteArrayList<>();
  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final Map<Integer, Integer> counts = new HashMap<>();
  private Pdu.AssociateRj rejection;
  private boolean silent;
  private Pdu.AsyncWindow window;
  private Duration pause = Duration.ZERO;
  private int abortAtRequest;
  private int abortAtByte;
  private Channel server;

  // --- the script

  /** What to do with each request of this Command Field. */
  public ScriptedScp on(int commandField, Reaction reaction) {
    reactions.put(commandField, reaction);
    return this;
  }

  /** What to do with the n-th of them, from 1, over all associations. */
  public ScriptedScp nth(int n, int commandField, Reaction reaction) {
    numbered.computeIfAbsent(commandField, k -> new HashMap<>()).put(n, reaction);
    return this;
  }

  /** Refuses contexts of a SOP class. */
  public ScriptedScp refuseSopClass(String uid) {
    refusedSopClasses.add(uid);
    return this;
  }

  /** Takes every transfer syntax but this (and those refused before). */
  public ScriptedScp refuseSyntax(String uid) {
    refusedSyntaxes.add(uid);
    return this;
  }

  /** Answers every A-ASSOCIATE-RQ so. */
  public ScriptedScp reject(Pdu.AssociateRj with) {
    rejection = with;
    return this;
  }

  /** Answers no A-ASSOCIATE-RQ. */
  public ScriptedScp neverAssociate() {
    silent = true;
    return this;
  }

  /** Agrees to so many outstanding operations, where a window is proposed; else to one. */
  public ScriptedScp window(int invoked, int performed) {
    window = new Pdu.AsyncWindow(invoked, performed);
    return this;
  }

  /** Waits so long after each part of a data set before it reads on. */
  public ScriptedScp readSlowly(Duration pauseAfterEach) {
    pause = pauseAfterEach;
    return this;
  }

  /** Aborts, once, when so many bytes of the data set of the n-th request have come. */
  public ScriptedScp abortAfter(int n, int bytes) {
    abortAtRequest = n;
    abortAtByte = bytes;
    return this;
  }

  /** Listens on any free port of 127.0.0.1. */
  public ScriptedScp listen() {
    return listen(0);
  }

  public ScriptedScp listen(int port) {
    server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    ScpConversation conversation = new ScpConversation(ScriptedScp.this);
                    conversations.add(conversation);
                    channel
                        .pipeline()
                        .addLast(new PduDecoder(1 << 20, 0), new PduEncoder(), conversation);
                  }
                })
            .bind("127.0.0.1", port)
            .syncUninterruptibly()
            .channel();
    return this;
  }

  // --- what came

  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** Every whole message that came, in order, C-CANCEL and responses included. */
  public List<Message> messages() {
    return List.copyOf(requests);
  }

  /** Of one Command Field. */
  public List<Message> requests(int commandField) {
    return requests.stream().filter(m -> m.command().field() == commandField).toList();
  }

  /** Every connection that was made, in order. */
  public List<Conversation> conversations() {
    return List.copyOf(conversations);
  }

  // --- for its associations; on their one event loop

  /** Null for no answer. */
  Pdu answer(Pdu.AssociateRq request) {
    if (silent || rejection != null) {
      return rejection;
    }
    Pdu.UserInformation asked = request.userInformation();
    return new Pdu.AssociateAc(
        1,
        request.calledAeTitle(),
        request.callingAeTitle(),
        request.applicationContext(),
        Negotiation.negotiate(
            request.contexts(),
            uid -> !refusedSopClasses.contains(uid),
            uid -> !refusedSyntaxes.contains(uid),
            List.of()),
        new Pdu.UserInformation(
            MAX_PDU,
            FileMetaInformation.IMPLEMENTATION_CLASS_UID,
            "SCRIPTED",
            asked.asyncWindow() == null ? null : window,
            asked.roles(),
            asked.extendedNegotiations(),
            List.of(),
            null,
            null,
            0));
  }

  void react(Message message, ScpConversation conversation) {
    requests.add(message);
    Command command = message.command();
    if (command.isResponse()) {
      return;
    }
    int n = counts.merge(command.field(), 1, Integer::sum);
    Reaction usual =
        command.field() == Command.C_CANCEL_RQ
            ? Reaction.silence()
            : Reaction.status(Status.SUCCESS);
    numbered
        .getOrDefault(command.field(), Map.of())
        .getOrDefault(n, reactions.getOrDefault(command.field(), usual))
        .to(message, conversation);
  }

  void progress(Command of, int soFar, ScpConversation conversation) {
    int n = counts.getOrDefault(of.field(), 0) + 1;
    if (n == abortAtRequest && soFar >= abortAtByte) {
      abortAtRequest = 0;
      conversation.abort();
    } else if (!pause.isZero()) {
      conversation.reading(false);
      conversation.after(pause, () -> conversation.reading(true));
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
