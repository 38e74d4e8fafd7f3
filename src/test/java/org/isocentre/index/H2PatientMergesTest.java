package org.isocentre.index;

import javax.sql.DataSource;

class H2PatientMergesTest extends PatientMergesContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
