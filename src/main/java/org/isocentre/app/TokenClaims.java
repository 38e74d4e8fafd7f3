package org.isocentre.app;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.isocentre.app.IsocentreProperties.Holder;
import org.isocentre.app.IsocentreProperties.Issuer;
import org.isocentre.model.Caller;
import org.isocentre.model.NhsNumber;

/**
 * What the claims of one issuer's tokens say, and whether they say enough: an issuer of staff makes
 * no patients, a trust's own names no other trust, and a patient, or who acts for one (RFC 8693
 * §4.1), has proved who they are.
 */
final class TokenClaims {
  private static final String ACTOR = "act";

  private final Issuer issuer;

  TokenClaims(Issuer issuer) {
    this.issuer = issuer;
  }

  /**
   * @return why a token with these claims is not taken, without any of its values; null if it is
   */
  String problem(Map<String, Object> claims) {
    if (!isForThisHub(claims.get("aud"))) {
      return "it is for another audience";
    }
    if (!isText(claims, issuer.nhsNumberClaim()) || !isText(claims, issuer.organisationClaim())) {
      return "its NHS number or organisation is not a text";
    }
    if (claims.containsKey(issuer.nhsNumberClaim())) {
      return issuer.holder() == Holder.ORGANISATION
          ? "its issuer speaks for no patients"
          : claims.containsKey(ACTOR) ? proxyProblem(claims) : patientProblem(claims);
    }
    if (issuer.holder() == Holder.PATIENT) {
      return "it has no NHS number";
    }
    return organisationProblem((String) claims.get(issuer.organisationClaim()));
  }

  private boolean isForThisHub(Object audience) {
    String wanted = issuer.audience();
    return wanted == null
        || wanted.isBlank()
        || wanted.equals(audience)
        || audience instanceof Collection<?> all && all.contains(wanted);
  }

  /** Absent, or a text: a claim that is null or a list is no absent one. */
  private static boolean isText(Map<String, Object> claims, String name) {
    return !claims.containsKey(name) || claims.get(name) instanceof String;
  }

  private String patientProblem(Map<String, Object> claims) {
    String unproved = proofProblem(claims);
    return unproved == null ? birthDateProblem(claims) : unproved;
  }

  /** The birth date is the patient's; the proof is that of who acts for them. */
  private String proxyProblem(Map<String, Object> claims) {
    if (!(claims.get(ACTOR) instanceof Map<?, ?> actor)) {
      return "who acts for the patient (act) is not an object";
    }
    if (proxy(claims) == null) {
      return "who acts for the patient (act) has no NHS number (" + issuer.nhsNumberClaim() + ")";
    }
    if (actor.containsKey(ACTOR)) {
      return "who acts for the patient (act) acts for somebody else";
    }
    String unproved = proofProblem(actor);
    return unproved == null ? birthDateProblem(claims) : unproved;
  }

  /**
   * @return null if nobody acts for the patient, or it cannot be said who
   */
  private String proxy(Map<String, Object> claims) {
    if (!(claims.get(ACTOR) instanceof Map<?, ?> actor)) {
      return null;
    }
    Object number =
        actor.containsKey(issuer.nhsNumberClaim())
            ? actor.get(issuer.nhsNumberClaim())
            : actor.get("sub");
    return number instanceof String text ? NhsNumber.parse(text).orElse(null) : null;
  }

  private String proofProblem(Map<?, ?> claims) {
    Object level = claims.get(issuer.proofingLevelClaim());
    boolean proved = issuer.proofingLevel().equals(level);
    if (!proved && (level != null || issuer.proved())) {
      return "its holder has not proved who they are to the level "
          + issuer.proofingLevel()
          + " ("
          + issuer.proofingLevelClaim()
          + ")";
    }
    return null;
  }

  private String birthDateProblem(Map<String, Object> claims) {
    Object birth = claims.get(issuer.birthDateClaim());
    if (birth == null ? issuer.proved() : date(birth) == null) {
      return "its birth date (" + issuer.birthDateClaim() + ") must be YYYY-MM-DD";
    }
    return null;
  }

  private String organisationProblem(String organisation) {
    if (issuer.organisation() != null) {
      return organisation == null || organisation.equals(issuer.organisation())
          ? null
          : "its issuer speaks for " + issuer.organisation() + " alone";
    }
    return organisation == null && issuer.holder() == Holder.ORGANISATION
        ? "it has no organisation (" + issuer.organisationClaim() + ")"
        : null;
  }

  /** Of claims without a problem. */
  Caller caller(Map<String, Object> claims) {
    // A patient's token with an empty number is a patient's token still: it sees nothing.
    String nhsNumber = (String) claims.get(issuer.nhsNumberClaim());
    String organisation = (String) claims.get(issuer.organisationClaim());
    Object subject =
        nhsNumber == null ? claims.get("sub") : claims.containsKey(ACTOR) ? "proxy" : "patient";
    return new Caller(
        subject == null ? "unnamed" : String.valueOf(subject),
        nhsNumber == null ? null : nhsNumber.replace(" ", ""),
        nhsNumber == null ? null : date(claims.get(issuer.birthDateClaim())),
        nhsNumber == null ? null : proxy(claims),
        organisation == null && nhsNumber == null ? issuer.organisation() : organisation,
        words(claims, "scope", "scp"),
        words(claims, issuer.rolesClaim()));
  }

  private static LocalDate date(Object text) {
    try {
      return text == null ? null : LocalDate.parse(String.valueOf(text));
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Values of claims that are a list, or text with spaces between. */
  private static Set<String> words(Map<String, Object> claims, String... names) {
    Set<String> words = new LinkedHashSet<>();
    for (String name : names) {
      Object value = value(claims, name);
      if (value instanceof String text) {
        words.addAll(Arrays.asList(text.split(" ")));
      } else if (value instanceof Iterable<?> list) {
        list.forEach(word -> words.add(String.valueOf(word)));
      }
    }
    return words;
  }

  /** A claim, or one inside of another: {@code realm_access.roles}. */
  private static Object value(Map<?, ?> claims, String name) {
    int dot = name.indexOf('.');
    if (claims.containsKey(name) || dot < 0) {
      return claims.get(name);
    }
    return claims.get(name.substring(0, dot)) instanceof Map<?, ?> inner
        ? value(inner, name.substring(dot + 1))
        : null;
  }
}
