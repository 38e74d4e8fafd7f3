package org.isocentre.web;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.UUID;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.Caller;
import org.isocentre.model.MessageCorrection;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** What a person can do with a message. */
public interface MessageRepair {
  /** The bytes of a message or of a correction. */
  InputStream open(String objectKey) throws IOException;

  /** Bytes that a correction may have. */
  long maxBytes();

  /**
   * Checks another text for a message and keeps it beside the message.
   *
   * @throws NotFileable 422
   */
  MessageCorrection correct(TrackedMessage message, byte[] raw, String reason, Caller by);

  /**
   * Has messages done again, in this order. Each is answered for; one that cannot be is skipped.
   */
  List<Replay> replay(List<TrackedMessage> messages, String reason, Caller by);

  /** What {@link #replay} would change, without a change. */
  List<Replay> preview(List<TrackedMessage> messages);

  /** How many messages one bulk replay, or one dry run, may have. */
  int most(boolean dryRun);

  /** What came, or would come, of a replay. */
  enum Outcome {
    /** It waits to be filed now, or to be sent. */
    QUEUED,
    /** It was waiting already; nothing was done. */
    WAITING,
    /** It still cannot be filed; correct it. */
    NOT_FILEABLE,
    /** The queue did not take it; nothing was done, try again. */
    UNAVAILABLE,
    /** Dry run: filing it would change what {@link Replay#changes} say. */
    WOULD_CHANGE,
    /** Dry run: the index says so already, or says something newer. */
    WOULD_CHANGE_NOTHING,
    /** Dry run: filing it would fail. */
    WOULD_FAIL
  }

  /**
   * @param correction number of the correction that is filed, or null for the message as it came
   * @param code stable, where it cannot be done
   * @param note for people
   * @param changes of a dry run, else null
   */
  record Replay(
      UUID id,
      Outcome outcome,
      Integer correction,
      String code,
      String note,
      List<Change> changes) {}

  /**
   * One field that a replay would change.
   *
   * @param resource FHIR type
   * @param id logical id; null for one that would be new
   * @param hidden true where the field may identify the patient or tell of them: it would change,
   *     but the raw message must be opened to see how
   */
  record Change(
      String resource, UUID id, String field, Object before, Object after, Boolean hidden) {}

  /**
   * @param code table 0357 and place, such as {@code HL70357-101:PID-3}
   */
  record Problem(String code, String text) {}

  /** A text that cannot be filed, with all that is wrong with it. */
  final class NotFileable extends ResponseStatusException {
    private static final long serialVersionUID = 1L;
    private final transient List<Problem> problems;

    public NotFileable(String reason, List<Problem> problems) {
      super(HttpStatus.UNPROCESSABLE_ENTITY, reason);
      this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
      return problems;
    }
  }
}
