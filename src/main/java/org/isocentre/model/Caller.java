package org.isocentre.model;

import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who calls an interface, as their token says.
 *
 * @param subject for the audit trail
 * @param nhsNumber of a patient's token: they see this patient and nobody else; null for a system
 * @param birthDate that a patient's token says: records with another one are not theirs; null if it
 *     says none
 * @param proxy NHS number of the person who acts for the patient, or null for anybody's own token
 * @param organisation ODS code of the caller's organisation, or null
 * @param scopes SMART scopes such as {@code system/*.read}, {@code patient/ImagingStudy.read}
 * @param roles what the issuer says that they do, such as {@code integration}
 */
public record Caller(
    String subject,
    String nhsNumber,
    LocalDate birthDate,
    String proxy,
    String organisation,
    Set<String> scopes,
    Set<String> roles) {
  /** What a proxy may look at: what was found and made, not who was told or permitted what. */
  private static final Set<String> OPEN_TO_PROXIES =
      Set.of(
          "Appointment",
          "Binary",
          "DiagnosticReport",
          "DocumentReference",
          "Endpoint",
          "ImagingStudy",
          "Organization",
          "Patient",
          "Practitioner",
          "PractitionerRole",
          "ServiceRequest");

  public Caller {
    scopes = Set.copyOf(scopes);
    roles = Set.copyOf(roles);
  }

  /** A caller without a role. */
  public Caller(String subject, String nhsNumber, String organisation, Set<String> scopes) {
    this(subject, nhsNumber, organisation, scopes, Set.of());
  }

  /** A caller whose token says no birth date. */
  public Caller(
      String subject,
      String nhsNumber,
      String organisation,
      Set<String> scopes,
      Set<String> roles) {
    this(subject, nhsNumber, null, null, organisation, scopes, roles);
  }

  /**
   * Who logged in as themselves, acting for somebody else.
   *
   * @param patient NHS number
   */
  public Caller actingFor(String patient) {
    return new Caller("proxy", patient, null, nhsNumber, null, scopes, roles);
  }

  /** The same, as the audit trail is to name it. */
  public Caller named(String name) {
    return new Caller(name, nhsNumber, birthDate, proxy, organisation, scopes, roles);
  }

  public boolean isPatient() {
    return nhsNumber != null;
  }

  /** Whether somebody acts for the patient. They look, and change nothing. */
  public boolean isProxy() {
    return proxy != null;
  }

  /** Of those who run the hub, who are of no one organisation. */
  public boolean isHubStaff() {
    return !isPatient() && organisation == null;
  }

  /**
   * Whether it may with all of a type. A patient's token counts in the patient context only; a
   * user's only with an organisation, without which it would be nobody's and see all.
   *
   * @param type FHIR resource type
   */
  public boolean may(Right right, String type) {
    return opening(right, type).anyMatch(scope -> scope.part() == null);
  }

  /**
   * Parts of a type that it may with, as queries; more where it {@link #may} with all of it.
   *
   * @param type FHIR resource type
   */
  public Set<String> parts(Right right, String type) {
    return opening(right, type)
        .map(Scope::part)
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
  }

  private Stream<Scope> opening(Right right, String type) {
    if (isProxy()
        && !(OPEN_TO_PROXIES.contains(type) && (right == Right.READ || right == Right.SEARCH))) {
      return Stream.empty();
    }
    return scopes.stream()
        .map(Scope::of)
        .flatMap(Optional::stream)
        .filter(scope -> isInContext(scope.context()) && scope.opens(right, type));
  }

  private boolean isInContext(String context) {
    if (isPatient()) {
      return context.equals("patient");
    }
    return context.equals("system") || organisation != null && context.equals("user");
  }

  /** Without who the patient is. */
  @Override
  public String toString() {
    return "Caller[patient="
        + isPatient()
        + ", proxy="
        + isProxy()
        + ", organisation="
        + organisation
        + "]";
  }
}
