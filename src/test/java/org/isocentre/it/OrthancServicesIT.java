package org.isocentre.it;

import org.junit.jupiter.api.Nested;

/** Orthanc and ours, over both transports. */
class OrthancServicesIT {
  @Nested
  class Plain extends OrthancContract {
    Plain() {
      super(Transport.plain());
    }
  }

  @Nested
  class Tls extends OrthancContract {
    Tls() {
      super(Transport.tls());
    }
  }
}
