package org.isocentre.it;

import org.junit.jupiter.api.Nested;

/** DCMTK's programs as providers for ours, over both transports. */
class DcmtkScpIT {
  @Nested
  class Plain extends DcmtkScpContract {
    Plain() {
      super(Transport.plain());
    }
  }

  @Nested
  class Tls extends DcmtkScpContract {
    Tls() {
      super(Transport.tls());
    }
  }
}
