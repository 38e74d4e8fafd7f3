package org.isocentre.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.ActingFor;
import org.isocentre.model.Caller;
import org.isocentre.model.PersonName;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Whose scans the pages of a session show: one's own, or those of whom one may act for. */
@RestController
public final class PeopleController {
  /** Attribute of the session: NHS number of whom it acts for. */
  public static final String ACTING_FOR = "ISOCENTRE_ACTING_FOR";

  private final Supplier<Caller> own;
  private final ActingFor acting;
  private final AuditTrail audit;

  /**
   * @param own who logged in
   */
  public PeopleController(Supplier<Caller> own, ActingFor acting, AuditTrail audit) {
    this.audit = audit;
    this.own = own;
    this.acting = acting;
  }

  /** Somebody to act for. */
  public record Choice(UUID id, String name, boolean chosen) {}

  @GetMapping("/people")
  public ResponseEntity<List<Choice>> people(HttpServletRequest request) {
    Object chosen = request.getSession().getAttribute(ACTING_FOR);
    List<ActingFor.Person> people = acting.people(own.get());
    if (chosen != null && people.stream().noneMatch(p -> p.nhsNumber().equals(chosen))) {
      // What let them act is over: they see their own again.
      request.getSession().removeAttribute(ACTING_FOR);
    }
    audit.noteSearch(
        "proxy",
        null,
        "Patient",
        people.stream().map(ActingFor.Person::id).collect(Collectors.toSet()),
        people.size() + " found");
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(
            people.stream()
                .map(p -> new Choice(p.id(), shown(p.name()), p.nhsNumber().equals(chosen)))
                .toList());
  }

  private static String shown(PersonName name) {
    return name == null
        ? "Without a name"
        : Stream.of(name.given(), name.family())
            .filter(Objects::nonNull)
            .collect(Collectors.joining(" "));
  }

  /**
   * @param patient id of the Patient; empty for oneself
   */
  @PostMapping("/acting-for")
  public ResponseEntity<Void> choose(
      HttpServletRequest request, @RequestParam(defaultValue = "") String patient) {
    String nhsNumber = null;
    if (!patient.isEmpty()) {
      nhsNumber =
          acting.people(own.get()).stream()
              .filter(p -> p.id().toString().equals(patient))
              .map(ActingFor.Person::nhsNumber)
              .findFirst()
              .orElse(null);
      if (nhsNumber == null) {
        return to("/pages/refused");
      }
    }
    request.getSession().setAttribute(ACTING_FOR, nhsNumber);
    return to("/");
  }

  private static ResponseEntity<Void> to(String page) {
    return ResponseEntity.status(HttpStatus.SEE_OTHER).header(HttpHeaders.LOCATION, page).build();
  }
}
