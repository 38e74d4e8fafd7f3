package org.isocentre.consent;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.model.Caller;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.Patient;
import org.isocentre.model.PersonName;

/** For whom somebody who logged in as themselves may act. */
public final class ActingFor {
  private static final int MOST = 20;
  private final ConsentIndex consents;
  private final PatientIndex patients;
  private final Access access;
  private final Clock clock;

  public ActingFor(ConsentIndex consents, PatientIndex patients, Access access, Clock clock) {
    this.consents = consents;
    this.patients = patients;
    this.access = access;
    this.clock = clock;
  }

  /**
   * A patient.
   *
   * @param id of the Patient
   */
  public record Person(UUID id, String nhsNumber, PersonName name) {
    @Override
    public String toString() {
      return "Person[" + id + "]";
    }
  }

  /**
   * Those who let the caller act for them and whom the caller may see now; at most 20.
   *
   * @param own as themselves; none of anybody else
   */
  public List<Person> people(Caller own) {
    if (!own.isPatient() || own.isProxy()) {
      return List.of();
    }
    return consents
        .records(consents.patientsWhoName(ConsentRule.person(own.nhsNumber()), clock.instant()))
        .stream()
        .map(ConsentIndex.PersonRecord::nhsNumber)
        .filter(Objects::nonNull)
        .distinct()
        .sorted()
        .limit(MOST)
        .flatMap(nhsNumber -> seen(own.actingFor(nhsNumber)))
        .toList();
  }

  private Stream<Person> seen(Caller proxy) {
    List<Patient> found =
        patients.search(
            new PatientQuery(
                access.of(proxy),
                null,
                null,
                null,
                null,
                null,
                TimeRange.ANY,
                new PageRequest(0, 1)));
    return found.stream().map(p -> new Person(p.id(), proxy.nhsNumber(), p.name()));
  }
}
