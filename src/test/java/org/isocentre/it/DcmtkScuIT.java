package org.isocentre.it;

import org.junit.jupiter.api.Nested;

/** DCMTK's programs as users of ours, over both transports. */
class DcmtkScuIT {
  @Nested
  class Plain extends DcmtkScuContract {
    Plain() {
      super(Transport.plain());
    }
  }

  @Nested
  class Tls extends DcmtkScuContract {
    Tls() {
      super(Transport.tls());
    }
  }
}
