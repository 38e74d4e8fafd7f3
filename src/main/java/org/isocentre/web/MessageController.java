package org.isocentre.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageIndex.Cause;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.MessageQuery;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.Caller;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.PatientKey;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * HL7 messages, in and out, with their journeys: search, raw text, corrections. Replays are in
 * {@link ReplayController}.
 */
@RestController
@RequestMapping("/api/messages")
public final class MessageController {
  static final MediaType HL7 = MediaType.valueOf("application/hl7-v2");
  private static final int MAX_LIMIT = 200;
  private static final String DEFAULT_LIMIT = "50";
  private final IntegrationDoor door;
  private final MessageIndex messages;
  private final MessageJournal journal;
  private final PatientIndex patients;
  private final MessageRepair repair;

  public MessageController(
      IntegrationDoor door,
      MessageIndex messages,
      MessageJournal journal,
      PatientIndex patients,
      MessageRepair repair) {
    this.door = door;
    this.messages = messages;
    this.journal = journal;
    this.patients = patients;
    this.repair = repair;
  }

  /** Newest first. */
  @GetMapping
  public MessageView.Page search(
      @RequestParam MultiValueMap<String, String> query,
      @RequestParam(defaultValue = DEFAULT_LIMIT) int limit,
      @RequestParam(required = false) String cursor) {
    Map<String, List<String>> criteria = new HashMap<>(query);
    criteria.remove("limit");
    criteria.remove("cursor");
    return page(MessageCriteria.of(criteria), limit, cursor);
  }

  /** As {@link #search}, for criteria that must not be in a URL, as a patient's number. */
  @PostMapping("/search")
  public MessageView.Page searchByBody(
      @RequestBody Map<String, Object> criteria,
      @RequestParam(defaultValue = DEFAULT_LIMIT) int limit,
      @RequestParam(required = false) String cursor) {
    return page(MessageCriteria.of(criteria), limit, cursor);
  }

  private MessageView.Page page(MessageCriteria criteria, int limit, String cursor) {
    Caller caller = door.enter("R", "message-search", null, null);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-MESSAGE-014: limit must be 1 to " + MAX_LIMIT);
    }
    MessageQuery query = criteria.query(caller.organisation(), null, this::numbersOf);
    List<TrackedMessage> found = messages.search(query, MessageCriteria.cursor(cursor), limit + 1);
    List<TrackedMessage> page = found.subList(0, Math.min(limit, found.size()));
    return new MessageView.Page(
        page.stream().map(MessageView::of).toList(),
        found.size() > limit ? MessageCriteria.cursor(page.get(page.size() - 1)) : null);
  }

  /** Every number of a patient of the index. */
  Collection<MessageLabels.Number> numbersOf(UUID patient) {
    List<MessageLabels.Number> numbers = new ArrayList<>();
    patients
        .find(patient)
        .ifPresent(
            p -> {
              for (PatientKey key : p.keys()) {
                numbers.add(number(key.issuer(), key.value()));
              }
              if (p.identity().nhsNumber() != null) {
                numbers.add(number(PatientKey.NHS, p.identity().nhsNumber()));
              }
            });
    return numbers;
  }

  private static MessageLabels.Number number(String issuer, String value) {
    return new MessageLabels.Number(MessageLabels.Kind.PATIENT, issuer, value);
  }

  /** What waits for a person, by cause. Takes the criteria of {@link #search}. */
  @GetMapping("/failures")
  public List<Cause> failures(@RequestParam MultiValueMap<String, String> query) {
    Caller caller = door.enter("R", "message-failures", null, null);
    return messages.causes(
        MessageCriteria.of(query).query(caller.organisation(), null, this::numbersOf));
  }

  /** A message with its journey. */
  @GetMapping("/{id}")
  public MessageView.Whole read(@PathVariable UUID id) {
    TrackedMessage message = find(door.caller(), id);
    door.enter("R", "message-read", id, null);
    return MessageView.Whole.of(message, journal);
  }

  /**
   * A message of this id that the caller may see.
   *
   * @throws ResponseStatusException 404
   */
  TrackedMessage find(Caller caller, UUID id) {
    return messages
        .find(id)
        .filter(m -> caller.organisation() == null || caller.organisation().equals(m.custodian()))
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "ISO-MESSAGE-011: there is no message with this id"));
  }

  /** The message as it came, byte for byte. Who looked is in the patient's audit trail. */
  @GetMapping("/{id}/raw")
  public ResponseEntity<InputStreamResource> raw(@PathVariable UUID id) {
    TrackedMessage message = find(door.caller(), id);
    return text(message, message.objectKey(), id + ".hl7");
  }

  /** A correction's text. */
  @GetMapping("/{id}/corrections/{number}/raw")
  public ResponseEntity<InputStreamResource> rawCorrection(
      @PathVariable UUID id, @PathVariable int number) {
    TrackedMessage message = find(door.caller(), id);
    String key =
        journal.corrections(id).stream()
            .filter(c -> c.number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new ResponseStatusException(
                        HttpStatus.NOT_FOUND,
                        "ISO-MESSAGE-011: the message has no correction with this number"))
            .objectKey();
    return text(message, key, id + "-" + number + ".hl7");
  }

  private ResponseEntity<InputStreamResource> text(
      TrackedMessage message, String key, String name) {
    door.enter("R", "message-raw", message.id(), patient(message.id()));
    InputStream text;
    try {
      text = repair.open(key);
    } catch (IOException e) {
      throw new ResponseStatusException(
          HttpStatus.INTERNAL_SERVER_ERROR,
          "ISO-MESSAGE-026: the text cannot be read; look at the hub's store",
          e);
    }
    return ResponseEntity.ok()
        .contentType(HL7)
        .cacheControl(CacheControl.noStore())
        .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
        .body(new InputStreamResource(text));
  }

  private UUID patient(UUID message) {
    return journal.resources(message).stream()
        .filter(r -> r.type().equals("Patient"))
        .map(MessageJournal.Resource::id)
        .findFirst()
        .orElse(null);
  }

  /**
   * Another text for a message that cannot be filed as it came; a replay files it.
   *
   * @param reason without patient data
   */
  @PostMapping("/{id}/corrections")
  @ResponseStatus(HttpStatus.CREATED)
  public MessageView.Correction correct(
      @PathVariable UUID id, @RequestParam String reason, HttpServletRequest request)
      throws IOException {
    TrackedMessage message = find(door.caller(), id);
    Caller by = door.enter("U", "message-correct", id, patient(id));
    return MessageView.Correction.of(repair.correct(message, body(request), reason(reason), by));
  }

  /**
   * @throws ResponseStatusException 400
   */
  static String reason(String text) {
    String reason = text == null ? "" : text.strip();
    if (reason.isEmpty() || reason.length() > 500) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-MESSAGE-016: say why in 1 to 500 characters (reason), without patient data");
    }
    return reason;
  }

  /** Not by a converter, which would read a body of any length. */
  private byte[] body(HttpServletRequest request) throws IOException {
    long most = repair.maxBytes();
    try (InputStream in = request.getInputStream()) {
      byte[] body = request.getContentLengthLong() > most ? null : in.readNBytes((int) most + 1);
      if (body == null || body.length > most) {
        throw new ResponseStatusException(
            HttpStatus.PAYLOAD_TOO_LARGE, "ISO-MESSAGE-015: a message may have " + most + " bytes");
      }
      return body;
    }
  }
}
