package org.isocentre.app;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.camel.hl7.MllpMessage;
import org.isocentre.dicom.association.CertificateBinding;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.model.MessageSource;

/** Where messages come in by MLLP. */
public final class MllpDoor {
  private final MessageReceiver receiver;
  private final AnswersByDoor answers;
  private final AtomicInteger waiting = new AtomicInteger();

  MllpDoor(MessageReceiver receiver, AnswersByDoor answers) {
    this.receiver = receiver;
    this.answers = answers;
  }

  /**
   * @return the answer; of length 0 if none is wanted
   */
  public byte[] receive(MllpMessage message) {
    waiting.incrementAndGet();
    try {
      return answer(message);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Messages that are not answered yet. */
  int waiting() {
    return waiting.get();
  }

  private byte[] answer(MllpMessage message) {
    List<String> names =
        message.certificate() == null ? List.of() : CertificateBinding.names(message.certificate());
    String address =
        message.remote() instanceof InetSocketAddress remote && remote.getAddress() != null
            ? remote.getAddress().getHostAddress()
            : "";
    MessageSource source = new MessageSource(address, names, message.connection());
    return AnswersByDoor.isAnswer(message.bytes())
        ? answers.receive(message.bytes(), source)
        : receiver.receive(message.bytes(), source).answer();
  }
}
