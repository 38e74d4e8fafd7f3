package org.isocentre.it;

/** Searches with the index in H2. */
class FhirSearchIT extends FhirSearchContract {
  @Override
  String[] database() {
    return new String[0];
  }
}
