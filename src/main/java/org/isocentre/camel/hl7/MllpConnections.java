package org.isocentre.camel.hl7;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.apache.camel.component.netty.DefaultChannelHandlerFactory;

/**
 * The MLLP connections of all listeners: what they hold together is limited, and an answer that
 * comes later finds the one that its message came by. Used as a decoder of a {@code netty:}
 * consumer; there must be no encoder.
 */
public final class MllpConnections extends DefaultChannelHandlerFactory {
  private static final long SEND_SECONDS = 10;

  final Limits limits;
  final BiFunction<byte[], String, byte[]> refusal;
  final AtomicInteger open = new AtomicInteger();

  /** Bytes of messages that have begun and are not answered. */
  final AtomicLong held = new AtomicLong();

  private final Map<String, Channel> byName = new ConcurrentHashMap<>();

  /** Tells connections of this run from those of earlier ones. */
  private final String run = UUID.randomUUID().toString();

  private final AtomicLong number = new AtomicLong();

  /**
   * @param messageBytes of one message
   * @param heldBytes of messages that have begun and are not answered, over all connections
   * @param connections at once
   * @param messageTimeout from the first byte of a message to its last
   */
  public record Limits(
      long messageBytes, long heldBytes, int connections, Duration messageTimeout) {}

  /**
   * @param refusal the answer to a message of which only the head is known, and why; none if it is
   *     empty
   */
  public MllpConnections(Limits limits, BiFunction<byte[], String, byte[]> refusal) {
    this.limits = limits;
    this.refusal = refusal;
  }

  @Override
  public ChannelHandler newChannelHandler() {
    return new MllpConnection(this);
  }

  String opened(Channel channel) {
    String name = run + "/" + number.incrementAndGet();
    byName.put(name, channel);
    return name;
  }

  void closed(String name) {
    byName.remove(name);
  }

  /**
   * Sends a message that is no answer to the one just received, such as a later application
   * acknowledgement.
   *
   * @return false if there is no such connection any more, or it did not take the message
   */
  public boolean send(String connection, byte[] message) throws InterruptedException {
    Channel channel = connection == null ? null : byName.get(connection);
    if (channel == null) {
      return false;
    }
    ChannelFuture written = channel.writeAndFlush(MllpConnection.frame(message));
    return written.await(SEND_SECONDS, TimeUnit.SECONDS) && written.isSuccess();
  }
}
