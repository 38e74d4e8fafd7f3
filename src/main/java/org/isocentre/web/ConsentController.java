package org.isocentre.web;

import java.time.Clock;
import java.util.Locale;
import java.util.UUID;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.PatientFlags;
import org.isocentre.model.Caller;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * What staff say that keeps data from somebody: safeguarding flags, National Data Opt-outs,
 * security labels; and that a clinician has seen a report.
 */
@RestController
@RequestMapping("/api/consent")
public final class ConsentController {
  private static final int LONGEST_LABEL = 200;
  private final StaffDoor door;
  private final PatientFlags flags;
  private final ConsentDataIndex data;
  private final Clock clock;

  public ConsentController(StaffDoor door, PatientFlags flags, ConsentDataIndex data, Clock clock) {
    this.door = door;
    this.flags = flags;
    this.data = data;
    this.clock = clock;
  }

  /**
   * @param kind {@code safeguarding} or {@code research-opt-out}
   */
  @PutMapping("/patients/{patient}/flags/{kind}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void flag(@PathVariable UUID patient, @PathVariable String kind) {
    Caller staff = door.acting("flag-" + kind(kind), patient.toString());
    if (!flags.isPatient(patient)) {
      throw notFound();
    }
    flags.set(patient, kind(kind), clock.instant(), staff.subject());
  }

  @DeleteMapping("/patients/{patient}/flags/{kind}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void unflag(@PathVariable UUID patient, @PathVariable String kind) {
    door.acting("unflag-" + kind(kind), patient.toString());
    flags.clear(patient, kind(kind));
  }

  private static PatientFlags.Kind kind(String text) {
    try {
      return PatientFlags.Kind.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND,
          "ISO-WEB-030: there is no such flag; known are safeguarding and research-opt-out");
    }
  }

  /**
   * @param resource id of a study, report or order
   * @param label {@code system|code}, at most 200 characters
   */
  @PutMapping("/data/{resource}/labels")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void label(@PathVariable UUID resource, @RequestParam String label) {
    Caller staff = door.acting("label", resource.toString());
    if (label.length() > LONGEST_LABEL || !label.matches("[^|]+\\|[^|]+")) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-WEB-031: a label is system|code, of at most 200 characters");
    }
    UUID patient = data.patientOf(resource).orElseThrow(ConsentController::notFound);
    flags.label(resource, patient, label, clock.instant(), staff.subject());
  }

  @DeleteMapping("/data/{resource}/labels")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void unlabel(@PathVariable UUID resource, @RequestParam String label) {
    door.acting("unlabel", resource.toString());
    flags.unlabel(resource, label);
  }

  /** A clinician has seen the report: patients need not wait for it any longer. */
  @PostMapping("/reports/{report}/seen")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void seen(@PathVariable UUID report) {
    Caller staff = door.acting("report-seen", report.toString());
    if (!flags.isReport(report)) {
      throw notFound();
    }
    flags.seen(report, clock.instant(), staff.subject());
  }

  private static ResponseStatusException notFound() {
    return new ResponseStatusException(
        HttpStatus.NOT_FOUND, "ISO-WEB-032: there is none with this id");
  }
}
