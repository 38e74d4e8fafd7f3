package org.isocentre.hl7;

import java.io.IOException;
import org.isocentre.hl7.BatchReader.Envelope;
import org.isocentre.hl7.BatchReader.OneMessage;
import org.isocentre.hl7.BatchReader.Part;

/**
 * Whether a file is whole: each header has its trailer, and the counts of BTS-1 (messages) and
 * FTS-1 (batches) are right where they are given. Looked at before any of its messages is taken.
 */
public final class BatchCheck {
  private boolean inFile;
  private boolean inBatch;
  private boolean fileEnded;
  private long batches;
  private long messages;
  private long inThisBatch;

  private BatchCheck() {}

  /**
   * Reads to the end.
   *
   * @return how many messages there are, at least one
   * @throws BatchException if it is not whole
   */
  public static long messages(BatchReader reader) throws IOException {
    BatchCheck check = new BatchCheck();
    for (Part part = reader.next(); part != null; part = reader.next()) {
      if (part instanceof Envelope envelope) {
        check.envelope(envelope);
      } else if (part instanceof OneMessage) {
        check.message();
      }
    }
    return check.end();
  }

  private void message() throws BatchException {
    require(!fileEnded, "a message after FTS");
    messages++;
    inThisBatch++;
  }

  private void envelope(Envelope envelope) throws BatchException {
    switch (envelope.name()) {
      case "FHS" -> {
        require(!inFile && !fileEnded && messages == 0 && batches == 0, "FHS that is not first");
        inFile = true;
      }
      case "BHS" -> {
        require(!inBatch && !fileEnded, "BHS within a batch");
        inBatch = true;
        inThisBatch = 0;
      }
      case "BTS" -> {
        require(inBatch, "BTS without BHS");
        count("BTS-1", envelope.field(1), inThisBatch, "messages");
        inBatch = false;
        batches++;
      }
      default -> {
        require(inFile && !inBatch && !fileEnded, "FTS without FHS, or within a batch");
        count("FTS-1", envelope.field(1), batches, "batches");
        fileEnded = true;
      }
    }
  }

  private static void count(String field, String said, long found, String what)
      throws BatchException {
    if (!said.isEmpty() && !said.matches("0*" + found)) {
      throw new BatchException(
          "ISO-HL7-132: %s says another number of %s than the %d found; send the whole file again"
              .formatted(field, what, found));
    }
  }

  private long end() throws BatchException {
    require(!inBatch, "no BTS at the end of a batch");
    require(inFile == fileEnded, "no FTS at the end");
    require(messages > 0 || batches > 0, "no message");
    return messages;
  }

  private static void require(boolean condition, String otherwise) throws BatchException {
    if (!condition) {
      throw new BatchException(
          "ISO-HL7-133: the file is not whole: found %s; send the whole file again"
              .formatted(otherwise));
    }
  }
}
