package org.isocentre.app;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.apache.camel.Exchange;
import org.isocentre.hl7.BatchCheck;
import org.isocentre.hl7.BatchException;
import org.isocentre.hl7.BatchReader;
import org.isocentre.hl7.BatchReader.Envelope;
import org.isocentre.hl7.BatchReader.OneMessage;
import org.isocentre.hl7.BatchReader.Part;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.hl7.MessageReceiver.Received;
import org.isocentre.model.MessageSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where messages come in as files. A file is first read to see that it is whole, then message by
 * message; never more than one is held. What was stored before an interruption is recognised when
 * the file is read again, and done once.
 */
public final class DropDoor {
  private static final Logger LOG = LoggerFactory.getLogger(DropDoor.class);
  private static final MessageSource SOURCE =
      new MessageSource(MessageSource.FILE, List.of(), null);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS").withZone(ZoneOffset.UTC);
  private static final int MAX_PROBLEMS = 1000;
  private final MessageReceiver receiver;
  private final IsocentreProperties.Hl7Drop settings;
  private final int maxMessageBytes;

  DropDoor(MessageReceiver receiver, IsocentreProperties.Hl7Drop settings, int maxMessageBytes) {
    this.receiver = receiver;
    this.settings = settings;
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * Takes a file. Sets header {@code IsocentreDropTarget} to where it is to be moved, relative to
   * its directory: {@code done/…} if all its messages are durable, {@code failed/…} if one was
   * refused, with the reasons beside it.
   *
   * @throws IOException if messages cannot be stored now: the file stays and is read again
   */
  public void receive(Exchange exchange) throws IOException {
    Path file = exchange.getMessage().getBody(File.class).toPath();
    String name =
        STAMP.format(Files.getLastModifiedTime(file).toInstant()) + "-" + file.getFileName();
    archive(file, name);
    Path outcome = file.resolveSibling(".outcome-" + file.getFileName());
    Path answers = file.resolveSibling(".answers-" + file.getFileName());
    try {
      boolean done = taken(file, outcome, answers);
      String target = (done ? "done/" : "failed/") + name;
      Path beside = file.resolveSibling(target);
      Files.createDirectories(beside.getParent());
      if (!done) {
        Files.move(
            outcome,
            beside.resolveSibling(name + ".problems"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      if (settings.acknowledgements() && Files.exists(answers)) {
        Files.move(
            answers, beside.resolveSibling(name + ".ack"), StandardCopyOption.REPLACE_EXISTING);
      }
      exchange.getMessage().setHeader("IsocentreDropTarget", target);
    } finally {
      Files.deleteIfExists(outcome);
      Files.deleteIfExists(answers);
    }
  }

  /** The file as it came, under the day that it is of. */
  private void archive(Path file, String name) throws IOException {
    if (settings.archive() == null) {
      return;
    }
    Path target = settings.archive().resolve(name.substring(0, 8)).resolve(name);
    Files.createDirectories(target.getParent());
    Path partial = target.resolveSibling("." + name + ".partial");
    Files.copy(
        file, partial, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    try {
      Files.move(partial, target);
    } catch (FileAlreadyExistsException e) {
      // Of an attempt that was interrupted.
      Files.delete(partial);
    }
  }

  /**
   * @return whether each of its messages is durable
   */
  private boolean taken(Path file, Path outcome, Path answers) throws IOException {
    try (OutputStream problems = Files.newOutputStream(outcome)) {
      try {
        long messages = check(file);
        try (OutputStream out = Files.newOutputStream(answers)) {
          long refused = read(file, problems, out);
          LOG.info("{} messages of a dropped file: {} refused", messages, refused);
          return refused == 0;
        }
      } catch (BatchException e) {
        LOG.warn("A dropped file was refused: {}", e.getMessage());
        problems.write((e.getMessage() + "\n").getBytes(StandardCharsets.US_ASCII));
        return false;
      }
    }
  }

  private long check(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return BatchCheck.messages(new BatchReader(in, maxMessageBytes));
    }
  }

  private long read(Path file, OutputStream problems, OutputStream answers) throws IOException {
    long refused = 0;
    try (InputStream in = Files.newInputStream(file)) {
      BatchReader reader = new BatchReader(in, maxMessageBytes);
      for (Part part = reader.next(); part != null; part = reader.next()) {
        if (part instanceof OneMessage message) {
          Received received = receiver.receive(message.bytes(), SOURCE);
          if (received.outcome() == MessageReceiver.Outcome.UNAVAILABLE) {
            throw new IOException(
                "ISO-HL7-134: message %d of a dropped file cannot be stored now; the file is read again"
                    .formatted(message.number()));
          }
          answers.write(received.answer());
          if (received.outcome() == MessageReceiver.Outcome.REFUSED && refused++ < MAX_PROBLEMS) {
            problems.write(problem(message, received));
          }
        } else if (part instanceof Envelope envelope) {
          answers.write(mirrored(envelope));
        }
      }
    }
    return refused;
  }

  private static byte[] problem(OneMessage message, Received received) {
    String answer = new String(received.answer(), StandardCharsets.ISO_8859_1);
    int from = answer.indexOf("\rMSA") + 1;
    return ("message "
            + message.number()
            + ": "
            + answer.substring(from).strip().replace('\r', ' ')
            + "\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Headers with sender and receiver swapped, the control ID as the one referred to. */
  private static byte[] mirrored(Envelope envelope) {
    String text;
    if (envelope.name().endsWith("TS")) {
      text = envelope.name() + "|" + envelope.field(1);
    } else {
      text =
          String.join(
              "|",
              envelope.name(),
              "^~\\&",
              envelope.field(5),
              envelope.field(6),
              envelope.field(3),
              envelope.field(4),
              "",
              "",
              "",
              "",
              "",
              envelope.field(11));
    }
    return (text + "\r").getBytes(StandardCharsets.ISO_8859_1);
  }
}
