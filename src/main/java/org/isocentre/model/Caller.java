package org.isocentre.model;

import java.util.Set;

/**
 * Who calls an interface, as their token says.
 *
 * @param subject for the audit trail
 * @param nhsNumber of a patient's token: they see this patient and nobody else; null for a system
 * @param organisation ODS code of the caller's organisation, or null
 * @param scopes SMART scopes such as {@code system/*.read}, {@code patient/ImagingStudy.read}
 * @param roles what the issuer says that they do, such as {@code integration}
 */
public record Caller(
    String subject, String nhsNumber, String organisation, Set<String> scopes, Set<String> roles) {
  public Caller {
    scopes = Set.copyOf(scopes);
    roles = Set.copyOf(roles);
  }

  /** A caller without a role. */
  public Caller(String subject, String nhsNumber, String organisation, Set<String> scopes) {
    this(subject, nhsNumber, organisation, scopes, Set.of());
  }

  public boolean isPatient() {
    return nhsNumber != null;
  }

  /**
   * @param type FHIR resource type
   */
  public boolean mayRead(String type) {
    return may(type, "read", 'r') || may(type, "read", 's');
  }

  public boolean mayWrite(String type) {
    return may(type, "write", 'c');
  }

  /**
   * SMART v1 ({@code .read}) and v2 ({@code .rs}). A patient's token counts in the patient context
   * only; a user's only with an organisation, without which it would be nobody's and see all.
   */
  private boolean may(String type, String v1, char v2) {
    for (String scope : scopes) {
      if (scope.indexOf('?') >= 0) {
        // Asks for a part of a type, which nothing narrows to: all of it would be more than was
        // granted.
        continue;
      }
      int slash = scope.indexOf('/');
      int dot = scope.lastIndexOf('.');
      if (slash < 0 || dot < slash) {
        continue;
      }
      String context = scope.substring(0, slash);
      String resource = scope.substring(slash + 1, dot);
      String right = scope.substring(dot + 1);
      boolean allowed =
          right.equals("*")
              || right.equals(v1)
              || right.matches("c?r?u?d?s?") && right.indexOf(v2) >= 0;
      boolean inContext =
          isPatient()
              ? context.equals("patient")
              : context.equals("system") || organisation != null && context.equals("user");
      if (allowed && inContext && (resource.equals("*") || resource.equals(type))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "Caller[" + (isPatient() ? "patient" : subject) + ", " + organisation + "]";
  }
}
