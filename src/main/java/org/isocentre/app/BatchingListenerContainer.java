package org.isocentre.app;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.jms.DefaultJmsMessageListenerContainer;
import org.apache.camel.component.jms.JmsEndpoint;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Commits many events together: takes what comes within a moment, up to a limit, runs the route
 * once for each, all in one transaction of the index, commits that, then the session. If one of
 * them fails, none is done, and each of them comes again in a transaction of its own: a poisoned
 * event holds up nobody, and a step must be idempotent as it always must.
 */
final class BatchingListenerContainer extends DefaultJmsMessageListenerContainer {
  private final TransactionOperations transactions;
  private final int most;
  private final Duration wait;
  private final ThreadLocal<MessageConsumer> consumers = new ThreadLocal<>();

  BatchingListenerContainer(
      JmsEndpoint endpoint, TransactionOperations transactions, int most, Duration wait) {
    super(endpoint);
    this.wait = wait;
    this.transactions = transactions;
    this.most = most;
  }

  /** Carries a checked exception through the transaction. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(JMSException cause) {
      super(cause);
    }
  }

  @Override
  protected Message receiveMessage(MessageConsumer consumer) throws JMSException {
    consumers.set(consumer);
    return super.receiveMessage(consumer);
  }

  @Override
  protected void doExecuteListener(Session session, Message first) throws JMSException {
    if (first.getJMSRedelivered() || !isRunning()) {
      super.doExecuteListener(session, first);
      return;
    }
    List<Message> batch = gather(first);
    try {
      if (batch.get(batch.size() - 1).getJMSRedelivered()) {
        // It may be what failed before: it must not undo what the others did.
        runAll(session, batch);
      } else {
        transactions.executeWithoutResult(status -> runAll(session, batch));
      }
    } catch (RuntimeException | Error e) {
      rollbackOnExceptionIfNecessary(session, e);
      if (e instanceof Failed failed) {
        throw (JMSException) failed.getCause();
      }
      throw e;
    }
    commitIfNecessary(session, first);
  }

  /** Ends with the first that was delivered before. */
  private List<Message> gather(Message first) throws JMSException {
    MessageConsumer consumer = consumers.get();
    List<Message> batch = new ArrayList<>();
    long until = System.nanoTime() + wait.toNanos();
    Message next = first;
    while (next != null) {
      batch.add(next);
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (batch.size() == most || next.getJMSRedelivered() || !isRunning()) {
        break;
      }
      next = left > 0 ? consumer.receive(left) : consumer.receiveNoWait();
    }
    return batch;
  }

  private void runAll(Session session, List<Message> batch) {
    try {
      for (Message message : batch) {
        invokeListener(session, message);
      }
    } catch (JMSException e) {
      throw new Failed(e);
    }
  }
}
