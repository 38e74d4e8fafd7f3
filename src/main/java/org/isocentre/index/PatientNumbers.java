package org.isocentre.index;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.PatientKey;
import org.isocentre.model.ReviewItem;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The local numbers of patients, where a source says several of one patient (PID-3). A number is
 * added to the record of the patient unless it is another known patient's: then nothing is joined,
 * and a person is asked. One that is only claimed ({@link PatientDemographics#claimedKeys}) gives
 * way to whoever has it by their own source.
 */
final class PatientNumbers {
  private final JdbcClient jdbc;
  private final PatientIndex patients;
  private final ReviewList reviews;

  PatientNumbers(JdbcClient jdbc, PatientIndex patients, ReviewList reviews) {
    this.jdbc = jdbc;
    this.patients = patients;
    this.reviews = reviews;
  }

  /** Every number that a statement names, to be locked. */
  static List<PatientIdentity> identities(PatientDemographics said) {
    List<PatientIdentity> all = new ArrayList<>();
    all.add(said.identity());
    Stream.concat(said.otherKeys().stream(), said.claimedKeys().stream())
        .forEach(key -> all.add(new PatientIdentity(key, null, null)));
    return all;
  }

  static boolean areSeveral(PatientDemographics said) {
    return !said.otherKeys().isEmpty() || !said.claimedKeys().isEmpty();
  }

  static boolean areNew(Patient known, PatientDemographics said) {
    return !known.keys().containsAll(said.otherKeys())
        || said.claimedKeys().stream()
            .anyMatch(key -> !known.keys().contains(key) && !known.claimedKeys().contains(key));
  }

  /** These, and whoever has a further number. */
  List<Patient> everybody(PatientDemographics said, List<Patient> candidates) {
    List<Patient> all = new ArrayList<>(candidates);
    all.addAll(ofOthers(said));
    return all;
  }

  private List<Patient> ofOthers(PatientDemographics said) {
    Set<UUID> ids = new LinkedHashSet<>();
    said.otherKeys().forEach(key -> ids.addAll(patients.idsByKey(key)));
    return patients.findAll(ids);
  }

  /** The one patient who has a further number, if nothing disagrees. */
  Optional<Patient> owner(PatientDemographics said) {
    List<Patient> found = ofOthers(said).stream().filter(p -> !p.inReview()).toList();
    return found.size() == 1 && agrees(found.get(0), said)
        ? Optional.of(found.get(0))
        : Optional.empty();
  }

  private static boolean agrees(Patient patient, PatientDemographics said) {
    PatientKey shared =
        said.otherKeys().stream()
            .filter(key -> patient.keys().contains(key))
            .findFirst()
            .orElseThrow();
    PatientIdentity identity = said.identity();
    return PatientIndex.compareTo(
            patient, new PatientIdentity(shared, identity.nhsNumber(), identity.birthDate()))
        == Comparison.AGREES;
  }

  /**
   * Adds the further numbers of a statement.
   *
   * @return whether there was one that is the patient's own now
   */
  boolean add(Patient patient, PatientDemographics said) {
    boolean added = false;
    for (PatientKey key : said.otherKeys()) {
      if (!patient.keys().contains(key) && isFree(key, patient)) {
        if (patient.inReview()) {
          claim(key, patient.id());
        } else {
          add(key, patient.id());
          added = true;
        }
      }
    }
    for (PatientKey key : said.claimedKeys()) {
      if (!patient.keys().contains(key) && isFree(key, patient)) {
        claim(key, patient.id());
      }
    }
    return added;
  }

  /** Whether no other known patient has it; if one has, a person is asked. */
  private boolean isFree(PatientKey key, Patient patient) {
    List<Patient> owners =
        patients.findByKey(key).stream()
            .filter(p -> !p.inReview() && !p.id().equals(patient.id()))
            .toList();
    owners.forEach(owner -> ask(patient.id(), owner.id()));
    return owners.isEmpty();
  }

  /** The number of a patient whom a person has yet to look at; it stays with whoever has it. */
  void keep(PatientKey key, UUID patient) {
    if (key != null) {
      jdbc.sql(
              "insert into patient_key (issuer, key_value, patient_id) values (?, ?, ?) on conflict do nothing")
          .params(key.issuer(), key.value(), patient)
          .update();
    }
  }

  /** The patient's own number. Whoever else it was only said of loses it, and a person is asked. */
  void add(PatientKey key, UUID patient) {
    if (key == null) {
      return;
    }
    keep(key, patient);
    List<UUID> claims =
        jdbc.sql(
                "select patient_id from patient_key where issuer = ? and key_value = ? and claimed")
            .params(key.issuer(), key.value())
            .query(UUID.class)
            .list();
    for (UUID other : claims) {
      if (other.equals(patient)) {
        jdbc.sql(
                "update patient_key set claimed = false where issuer = ? and key_value = ? and patient_id = ?")
            .params(key.issuer(), key.value(), patient)
            .update();
      } else {
        jdbc.sql(
                "delete from patient_key where issuer = ? and key_value = ? and patient_id = ? and claimed")
            .params(key.issuer(), key.value(), other)
            .update();
        ask(other, patient);
      }
    }
  }

  private void claim(PatientKey key, UUID patient) {
    jdbc.sql(
            "insert into patient_key (issuer, key_value, patient_id, claimed) values (?, ?, ?, true) on conflict do nothing")
        .params(key.issuer(), key.value(), patient)
        .update();
  }

  private void ask(UUID one, UUID other) {
    boolean ordered = one.compareTo(other) < 0;
    String question = "NUMBER|" + (ordered ? one : other) + "|" + (ordered ? other : one);
    if (patients.areOnePerson(one, other)) {
      reviews.withdraw(question);
      return;
    }
    reviews.raise(
        ReviewItem.Kind.PATIENT,
        question,
        null,
        null,
        null,
        null,
        null,
        "NUMBER_OF_ANOTHER_PATIENT",
        "a source says that patient %s has a number of patient %s; nothing was joined: if they are one person, have the trust send a merge"
            .formatted(one, other));
  }
}
