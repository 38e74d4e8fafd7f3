package org.isocentre.consent;

import java.util.Set;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;

/** What a caller may see: a patient themselves, an organisation all but those who refuse it. */
public final class Access {
  private final ConsentDecision consent;

  public Access(ConsentDecision consent) {
    this.consent = consent;
  }

  public Visibility of(Caller caller) {
    if (caller.isPatient()) {
      return new Visibility(caller.nhsNumber(), Set.of(), null);
    }
    return caller.organisation() == null
        ? Visibility.ALL
        : new Visibility(
            null, consent.deniedPatients(caller.organisation()), caller.organisation());
  }
}
