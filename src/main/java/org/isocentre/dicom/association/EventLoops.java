package org.isocentre.dicom.association;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that associations' input and output run on, shared by acceptors and requestors.
 * Native epoll where it is to be had.
 */
public final class EventLoops implements AutoCloseable {
  private static final boolean NATIVE = Epoll.isAvailable();
  private static final int HANDSHAKE_THREADS = 2;
  private static final int HANDSHAKE_QUEUE = 1024;
  private final EventLoopGroup group;
  private final ThreadPoolExecutor handshakes;

  /**
   * @param threads 1 or more
   */
  public EventLoops(int threads) {
    DefaultThreadFactory factory = new DefaultThreadFactory("dicom-io", true);
    this.group =
        NATIVE
            ? new EpollEventLoopGroup(threads, factory)
            : new NioEventLoopGroup(threads, factory);
    this.handshakes =
        new ThreadPoolExecutor(
            HANDSHAKE_THREADS,
            HANDSHAKE_THREADS,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(HANDSHAKE_QUEUE),
            new DefaultThreadFactory("dicom-tls", true));
    handshakes.allowCoreThreadTimeOut(true);
  }

  /** Where key exchange and the checks of certificates run: they may take long, or wait. */
  Executor handshakes() {
    return handshakes;
  }

  EventLoopGroup group() {
    return group;
  }

  /** Runs a task after a while, on an event loop: it must not wait. */
  public void schedule(java.time.Duration delay, Runnable task) {
    group.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  static Class<? extends ServerChannel> serverChannel() {
    return NATIVE ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  static Class<? extends SocketChannel> channel() {
    return NATIVE ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    handshakes.shutdownNow();
  }
}
